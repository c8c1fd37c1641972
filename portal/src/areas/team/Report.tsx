import { makeStyles, MessageBar, MessageBarBody, Subtitle1 } from "@fluentui/react-components";
import { BoxRegular, SendRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import { useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { PackageIcon } from "../packages/PackageIcon";
import { AssignmentRow } from "../shared/AssignmentRow";
import { RequestRow } from "../shared/RequestRow";

const useStyles = makeStyles({ part: { display: "grid", gap: "8px" }, title: { margin: 0 } });

/** What one report holds, and what was asked for them; of whoever is further down, what oneself asked for. */
export function Report({ id, isDirect }: { id: string; isDirect: boolean }) {
  const text = useText();
  const whose = isDirect ? "targetManager" : "createdBy";
  const held = useList(paths.assignments(whose, `target/id eq '${id}' and state ne 'expired'`));
  const asked = useList(paths.requests(whose, `assignment/target/id eq '${id}'`));
  return (
    <>
      {!isDirect && (
        <MessageBar intent="info">
          <MessageBarBody>{text("team.onlyMine")}</MessageBarBody>
        </MessageBar>
      )}
      <Part title={text("team.access")}>
        <Listing list={held} label={text("team.access")} empty={{ icon: <BoxRegular />, title: text("team.noAccess") }}>
          {(one) => <AssignmentRow key={one.id} assignment={one} lead={<PackageIcon />} />}
        </Listing>
      </Part>
      <Part title={text("team.requests")}>
        <Listing list={asked} label={text("team.requests")} empty={{ icon: <SendRegular />, title: text("team.noRequests") }}>
          {(one) => <RequestRow key={one.id} request={one} />}
        </Listing>
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <section className={styles.part} aria-label={title}>
      <Subtitle1 as="h2" className={styles.title}>
        {title}
      </Subtitle1>
      {children}
    </section>
  );
}
