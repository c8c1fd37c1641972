import { Button, Card, makeStyles, Subtitle1, tokens } from "@fluentui/react-components";
import {
  AddRegular,
  BoxRegular,
  CheckmarkCircleRegular,
  ClockRegular,
  PeopleTeamRegular,
  SendRegular,
} from "@fluentui/react-icons";
import { type ReactElement, type ReactNode, useState } from "react";
import { Link } from "wouter";
import { paths } from "../../api/paths";
import { type List, useList } from "../../api/queries";
import type { AccessRequest, Assignment } from "../../api/shapes";
import { inDays } from "../../format/times";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Ghost, Listing } from "../../ui/Listing";
import { Page } from "../../ui/Page";
import { useAsk } from "../request/AskContext";
import { AssignmentRow, SOON_DAYS } from "../shared/AssignmentRow";
import { RequestRow, useLinkStyles } from "../shared/RequestRow";
import { IS_OPEN } from "../shared/requests";

const SOME = 5;

const useStyles = makeStyles({
  tiles: { display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(min(220px, 100%), 1fr))", gap: "16px" },
  tile: { textDecorationLine: "none", color: "inherit", borderRadius: tokens.borderRadiusMedium },
  card: { height: "100%", minHeight: "80px", boxSizing: "border-box", display: "grid", gridTemplateColumns: "auto 1fr", columnGap: "16px", alignItems: "center", ":hover": { boxShadow: tokens.shadow8 } },
  icon: {
    display: "grid",
    placeItems: "center",
    width: "48px",
    height: "48px",
    borderRadius: tokens.borderRadiusCircular,
    fontSize: "24px",
    color: tokens.colorBrandForeground1,
    backgroundColor: tokens.colorBrandBackground2,
  },
  number: { fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: tokens.fontWeightSemibold, minHeight: tokens.lineHeightHero700 },
  label: { color: tokens.colorNeutralForeground2 },
  part: { display: "grid", gap: "8px" },
  head: { display: "flex", justifyContent: "space-between", alignItems: "baseline", gap: "16px" },
  title: { margin: 0 },
});

export default function Overview() {
  const styles = useStyles();
  const text = useText();
  const session = useSession();
  const ask = useAsk();
  const approvals = useList(paths.approvals());
  const waiting = useList(paths.requests("approver"));
  const mine = useList(paths.requests("targetOrRequestor"));
  const open = useList(paths.requests("targetOrRequestor", IS_OPEN));
  const held = useList(paths.assignments("target", "state eq 'delivered'"));
  const reports = useList(paths.reports());
  const [soon] = useState(() => inDays(SOON_DAYS));
  const ending = joined(useList(paths.endingBefore(soon, "target", SOME)), useList(paths.endingBefore(soon, "targetManager", SOME)));
  // All at once: what comes later than the rest would push it aside.
  const isKnown = [approvals, waiting, mine, ending, reports].every((list) => !list.isLoading);
  const first = session.displayName.split(" ")[0] ?? "";
  return (
    <Page
      title={text("overview.title", { name: first })}
      about={text("overview.about")}
      actions={
        <Button appearance="primary" size="large" icon={<AddRegular />} onClick={() => ask()}>
          {text("ask.title")}
        </Button>
      }
    >
      <div className={styles.tiles}>
        {reports.isLoading ? (
          [1, 2, 3].map((place) => <Card key={place} className={styles.card} aria-hidden />)
        ) : (
          <>
            <Tile to="/approvals" icon={<CheckmarkCircleRegular />} list={approvals} label={text("overview.waiting")} />
            <Tile to="/requests?view=open" icon={<SendRegular />} list={open} label={text("overview.open")} />
            <Tile to="/packages/active" icon={<BoxRegular />} list={held} label={text("overview.held")} />
            {session.seesReportsAccess && reports.items.length > 0 && <Tile to="/team" icon={<PeopleTeamRegular />} list={reports} label={text("overview.reports")} />}
          </>
        )}
      </div>
      {isKnown ? <Parts approvals={approvals} waiting={waiting} mine={mine} ending={ending} /> : <Ghost />}
    </Page>
  );
}

interface PartsProps {
  approvals: List<unknown>;
  waiting: List<AccessRequest>;
  mine: List<AccessRequest>;
  ending: List<Assignment>;
}

function Parts({ approvals, waiting, mine, ending }: PartsProps) {
  const text = useText();
  return (
    <>
      {(approvals.items.length > 0 || waiting.items.length > 0) && (
        <Part title={text("overview.waiting")} to="/approvals">
          <Listing list={short(waiting)} label={text("overview.waiting")} empty={{ icon: <CheckmarkCircleRegular />, title: text("approvals.none") }}>
            {(one) => <RequestRow key={one.id} request={one} to={`/approvals?open=${one.id}`} />}
          </Listing>
        </Part>
      )}
      {ending.items.length > 0 && (
        <Part title={text("overview.ending")} to="/packages/active">
          <Listing list={short(ending)} label={text("overview.ending")} empty={{ icon: <ClockRegular />, title: "" }}>
            {(one) => <AssignmentRow key={one.id} assignment={one} isNamed />}
          </Listing>
        </Part>
      )}
      <Part title={text("overview.recent")} to="/requests">
        <Listing
          list={short(mine)}
          label={text("overview.recent")}
          empty={{ icon: <SendRegular />, title: text("overview.nothing"), about: text("overview.nothingAbout") }}
        >
          {(one) => <RequestRow key={one.id} request={one} />}
        </Listing>
      </Part>
    </>
  );
}

interface TileProps {
  to: string;
  icon: ReactElement;
  list: List<unknown>;
  label: string;
}

function Tile({ to, icon, list, label }: TileProps) {
  const styles = useStyles();
  const number = list.items.length;
  return (
    <Link to={to} className={styles.tile}>
      <Card className={styles.card}>
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
        <span>
          <div className={styles.number}>{list.isLoading ? "" : list.error && !list.items.length ? "–" : `${number}${list.hasMore ? "+" : ""}`}</div>
          <div className={styles.label}>{label}</div>
        </span>
      </Card>
    </Link>
  );
}

function Part({ title, to, children }: { title: string; to: string; children: ReactNode }) {
  const styles = useStyles();
  const { link } = useLinkStyles();
  const text = useText();
  return (
    <section className={styles.part} aria-label={title}>
      <div className={styles.head}>
        <Subtitle1 as="h2" className={styles.title}>
          {title}
        </Subtitle1>
        <Link to={to} className={link} aria-label={text("overview.allOf", { what: title })}>
          {text("overview.all")}
        </Link>
      </div>
      {children}
    </section>
  );
}

const short = <T,>(list: List<T>): List<T> => ({ ...list, items: list.items.slice(0, SOME), hasMore: false });

const endOf = ({ schedule }: Assignment): string => schedule.expiration.endDateTime ?? "";

const joined = (a: List<Assignment>, b: List<Assignment>): List<Assignment> => ({
  ...a,
  items: [...a.items, ...b.items].sort((one, other) => endOf(one).localeCompare(endOf(other))),
  isLoading: a.isLoading || b.isLoading,
  error: a.error ?? b.error,
});
