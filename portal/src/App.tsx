import { FluentProvider, makeStyles, Spinner, tokens } from "@fluentui/react-components";
import { lazy, Suspense, useEffect, useState } from "react";
import { useText } from "./messages/useText";
import { current, type Session, type SignedOut } from "./session/session";
import { SessionContext } from "./session/useSession";
import { Shell } from "./Shell";
import { Leaving } from "./ui/Leaving";
import { Notices } from "./ui/Notices";
import { useScheme } from "./ui/theme";

const SignIn = lazy(() => import("./session/SignIn"));

const useStyles = makeStyles({
  whole: { minHeight: "100vh", backgroundColor: tokens.colorNeutralBackground2, color: tokens.colorNeutralForeground1 },
  waiting: { height: "100vh" },
});

export function App() {
  const styles = useStyles();
  const { theme, isDark } = useScheme();
  const text = useText();
  const [found, setFound] = useState<Session | SignedOut | "unreachable">();
  const look = () => {
    setFound(undefined);
    current().then(setFound, () => setFound("unreachable"));
  };
  useEffect(look, []);
  useEffect(() => {
    // Whoever signed in anew in another window has a new session, and this one learns its token.
    const again = () => void current().catch(() => undefined);
    addEventListener("focus", again);
    return () => removeEventListener("focus", again);
  }, []);
  useEffect(() => {
    document.body.style.backgroundColor = isDark ? "#1f1f1f" : "#fafafa";
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
  }, [isDark]);
  const waiting = <Spinner className={styles.waiting} label={text("loading")} />;
  return (
    <FluentProvider theme={theme}>
      {/* Not on the provider itself: it hands its classes on to every panel and menu. */}
      <div className={styles.whole}>
      <Notices>
        <Suspense fallback={waiting}>
          {found === undefined && waiting}
          {found !== undefined && (found === "unreachable" || !("id" in found)) && <SignIn found={found} look={look} />}
          {found !== undefined && found !== "unreachable" && "id" in found && (
            <SessionContext value={found}>
              <Leaving>
                <Shell />
              </Leaving>
            </SessionContext>
          )}
        </Suspense>
      </Notices>
      </div>
    </FluentProvider>
  );
}
