import { Button, Field, makeStyles, MessageBar, MessageBarBody, Textarea, Title2, tokens } from "@fluentui/react-components";
import { type FormEvent, useState } from "react";
import { useText } from "../messages/useText";
import { goToSignIn, keep, type SignedOut } from "./session";
import { Mark } from "../ui/Mark";

const useStyles = makeStyles({
  page: { minHeight: "100vh", display: "grid", placeItems: "center", padding: "24px", boxSizing: "border-box" },
  card: {
    width: "min(420px, 100%)",
    boxSizing: "border-box",
    display: "grid",
    gridTemplateColumns: "minmax(0, 1fr)",
    gap: "20px",
    padding: "32px",
    borderRadius: tokens.borderRadiusXLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow16,
  },
  title: { margin: 0 },
  note: { margin: 0, color: tokens.colorNeutralForeground2 },
});

interface Props {
  found: SignedOut | "unreachable";
  look: () => void;
}

/** The way in: to the provider's page where there is one, else with a token. */
export default function SignIn({ found, look }: Props) {
  const styles = useStyles();
  const text = useText();
  const url = found === "unreachable" ? null : found.signInUrl;
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <Mark size={40} />
        <Title2 as="h1" className={styles.title}>
          {text("app.name")}
        </Title2>
        {found === "unreachable" && (
          <MessageBar intent="warning" layout="multiline">
            <MessageBarBody>{text("offline.server")}</MessageBarBody>
          </MessageBar>
        )}
        {found === "unreachable" && <Button onClick={look}>{text("again")}</Button>}
        {url && <p className={styles.note}>{text("signIn.why")}</p>}
        {url && (
          <Button appearance="primary" size="large" onClick={() => goToSignIn(url)}>
            {text("signIn.do")}
          </Button>
        )}
        {found !== "unreachable" && !url && <WithToken look={look} />}
      </div>
    </main>
  );
}

function WithToken({ look }: { look: () => void }) {
  const styles = useStyles();
  const text = useText();
  const [token, setToken] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep(token);
    look();
  };
  return (
    <form onSubmit={submit} className={styles.card}>
      <p className={styles.note}>{text("signIn.tokenWhy")}</p>
      <Field label={text("signIn.token")} required>
        <Textarea value={token} rows={5} onChange={(_, { value }) => setToken(value)} autoComplete="off" spellCheck={false} />
      </Field>
      <Button type="submit" appearance="primary" disabled={!token.trim()}>
        {text("signIn.do")}
      </Button>
    </form>
  );
}
