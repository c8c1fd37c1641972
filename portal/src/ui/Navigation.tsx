import { CounterBadge, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import {
  BoxRegular,
  CheckmarkCircleRegular,
  HistoryRegular,
  HomeRegular,
  PeopleTeamRegular,
  ShieldTaskRegular,
} from "@fluentui/react-icons";
import type { ReactElement } from "react";
import { Link, useLocation } from "wouter";
import { paths } from "../api/paths";
import { useList } from "../api/queries";
import { useMay } from "../api/useMay";
import { useText } from "../messages/useText";
import { useSession } from "../session/useSession";

const useStyles = makeStyles({
  list: { listStyleType: "none", margin: 0, padding: 0, display: "grid", gap: "2px" },
  link: {
    display: "flex",
    alignItems: "center",
    gap: "12px",
    minHeight: "40px",
    padding: "0 12px",
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground2,
    textDecorationLine: "none",
    borderLeft: "3px solid transparent",
    ":hover": { backgroundColor: tokens.colorNeutralBackground2Hover, color: tokens.colorNeutralForeground1 },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  here: {
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    fontWeight: tokens.fontWeightSemibold,
    borderLeftColor: tokens.colorCompoundBrandStroke,
    boxShadow: tokens.shadow2,
  },
  icon: { fontSize: "20px", display: "inline-flex" },
  words: { marginRight: "auto" },
});

/** The ways through the portal; only those that lead somewhere for whoever is signed in. */
export function Navigation() {
  const styles = useStyles();
  const text = useText();
  const session = useSession();
  const waiting = useList(paths.approvals());
  const reports = useList(paths.reports());
  const mayAdminister = useMay("listCatalogs");
  return (
    <nav aria-label={text("nav.label")}>
      <ul className={styles.list}>
        <Way to="/" icon={<HomeRegular />} name={text("nav.overview")} />
        <Way to="/packages" icon={<BoxRegular />} name={text("nav.packages")} />
        <Way to="/requests" icon={<HistoryRegular />} name={text("nav.history")} />
        <Way to="/approvals" icon={<CheckmarkCircleRegular />} name={text("nav.approvals")} count={waiting.items.length} />
        {session.seesReportsAccess && reports.items.length > 0 && <Way to="/team" icon={<PeopleTeamRegular />} name={text("nav.team")} />}
        {/* Below what is not known yet it would be pushed down. */}
        {mayAdminister && !reports.isLoading && <Way to="/admin" icon={<ShieldTaskRegular />} name={text("nav.admin")} />}
      </ul>
    </nav>
  );
}

interface WayProps {
  to: string;
  icon: ReactElement;
  name: string;
  count?: number;
}

function Way({ to, icon, name, count = 0 }: WayProps) {
  const styles = useStyles();
  const text = useText();
  const [place] = useLocation();
  const isHere = to === "/" ? place === "/" : place === to || place.startsWith(`${to}/`);
  return (
    <li>
      <Link to={to} className={mergeClasses(styles.link, isHere && styles.here)} aria-current={isHere ? "page" : undefined}>
        <span className={styles.icon} aria-hidden>
          {icon}
        </span>
        <span className={styles.words}>{name}</span>
        {count > 0 && <CounterBadge count={count} aria-label={text.count("nav.waiting", count)} size="small" />}
      </Link>
    </li>
  );
}
