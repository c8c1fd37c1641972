import { Badge, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, tokens } from "@fluentui/react-components";
import { MailRegular } from "@fluentui/react-icons";
import { Link } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import type { MailMessage } from "../../../api/mailShapes";
import { useOne } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { Ghost, WholeList } from "../../../ui/Listing";
import { Problem } from "../../../ui/Problem";
import { Row } from "../../../ui/Row";
import { Tile } from "../../../ui/Tile";
import { useLinkStyles } from "../../shared/RequestRow";
import { Faults } from "./Faults";

const useStyles = makeStyles({ about: { color: tokens.colorNeutralForeground2, maxWidth: "80ch", overflowWrap: "anywhere" } });

/** Every message that people get by mail, and in whose words. */
export function Mails() {
  const styles = useStyles();
  const text = useText();
  const found = useOne(adminPaths.mails());
  if (!found.data) return found.error ? <Problem error={found.error} again={() => void found.refetch()} /> : <Ghost />;
  const { folder, errors, items } = found.data;
  return (
    <>
      <div className={styles.about}>{folder ? text("mail.folder", { folder }) : text("mail.noFolder")}</div>
      {errors.length > 0 && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>
            <MessageBarTitle>{text("mail.broken")}</MessageBarTitle>
            <Faults faults={errors} />
          </MessageBarBody>
        </MessageBar>
      )}
      <WholeList label={text("mail.messages")}>
        {items.map((one) => (
          <One key={one.id} mail={one} />
        ))}
      </WholeList>
    </>
  );
}

function One({ mail }: { mail: MailMessage }) {
  const { link } = useLinkStyles();
  const text = useText();
  return (
    <Row
      lead={
        <Tile look="plain">
          <MailRegular />
        </Tile>
      }
      title={
        <Link to={`/admin/mail/${mail.id}`} className={link}>
          {text.word("mailName", mail.id)}
        </Link>
      }
      meta={[text.word("mailWhen", mail.id), mail.subject]}
      extra={<Words mail={mail} />}
    />
  );
}

/** Whose words a message is in; nothing where they are Grantline's. */
export function Words({ mail }: { mail: MailMessage }) {
  const text = useText();
  if (mail.error) {
    return (
      <Badge appearance="tint" color="danger">
        {text("mail.unusable")}
      </Badge>
    );
  }
  return mail.isOverridden ? <Badge appearance="tint">{text("mail.own")}</Badge> : null;
}
