import { Button, Link, makeStyles, mergeClasses, OverlayDrawer, Spinner, tokens } from "@fluentui/react-components";
import { NavigationRegular } from "@fluentui/react-icons";
import { lazy, Suspense, useEffect, useState } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useLive } from "./api/useLive";
import { Asking } from "./areas/request/AskContext";
import { useText } from "./messages/useText";
import { useSession } from "./session/useSession";
import { Account } from "./ui/Account";
import { Connection } from "./ui/Connection";
import { Mark } from "./ui/Mark";
import { Navigation } from "./ui/Navigation";
import { useKeptFocus } from "./ui/useKeptFocus";

const Overview = lazy(() => import("./areas/overview/Overview"));
const Packages = lazy(() => import("./areas/packages/Packages"));
const History = lazy(() => import("./areas/history/History"));
const Approvals = lazy(() => import("./areas/approvals/Approvals"));
const Team = lazy(() => import("./areas/team/Team"));
const TeamHidden = lazy(() => import("./areas/team/TeamHidden"));
const Admin = lazy(() => import("./areas/admin/Admin"));
const Missing = lazy(() => import("./areas/Missing"));

const BAR = "48px";
const NARROW = "@media (max-width: 900px)";

const useStyles = makeStyles({
  skip: {
    position: "absolute",
    left: "8px",
    top: "-64px",
    zIndex: 10,
    padding: "8px 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow16,
    ":focus": { top: "8px" },
  },
  bar: {
    position: "sticky",
    top: 0,
    zIndex: 5,
    height: BAR,
    display: "flex",
    alignItems: "center",
    gap: "12px",
    padding: "0 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  name: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase400, marginRight: "auto" },
  menu: { display: "none", [NARROW]: { display: "inline-flex" } },
  below: { display: "grid", gridTemplateColumns: "236px minmax(0, 1fr)", [NARROW]: { gridTemplateColumns: "minmax(0, 1fr)" } },
  side: {
    position: "sticky",
    top: BAR,
    height: `calc(100vh - ${BAR})`,
    boxSizing: "border-box",
    overflowY: "auto",
    padding: "16px 8px",
    [NARROW]: { display: "none" },
  },
  drawer: { width: "min(280px, 85vw)", padding: "16px 8px" },
  main: { minWidth: 0, minHeight: `calc(100vh - ${BAR})` },
  waiting: { padding: "96px 0" },
});

/** What stands around every page. */
export function Shell() {
  const styles = useStyles();
  const text = useText();
  const [place] = useLocation();
  const [isOpen, setOpen] = useState(false);
  useLive();
  useKeptFocus();
  useEffect(() => setOpen(false), [place]);
  return (
    <Asking>
      <Link className={styles.skip} href="#main">
        {text("nav.skip")}
      </Link>
      <header className={styles.bar}>
        <Button
          className={styles.menu}
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-label={text("nav.menu")}
          onClick={() => setOpen(true)}
        />
        <Mark size={28} />
        <span className={styles.name}>{text("app.name")}</span>
        <Account />
      </header>
      <div className={styles.below}>
        <div className={mergeClasses(styles.side)}>
          <Navigation />
        </div>
        {isOpen && (
          <OverlayDrawer open className={styles.drawer} onOpenChange={(_, { open }) => setOpen(open)} aria-label={text("nav.label")}>
            <Navigation />
          </OverlayDrawer>
        )}
        <main id="main" className={styles.main} tabIndex={-1}>
          <Connection />
          <Suspense fallback={<Spinner className={styles.waiting} label={text("loading")} />}>
            <Pages />
          </Suspense>
        </main>
      </div>
    </Asking>
  );
}

function Pages() {
  const team = useSession().seesReportsAccess ? Team : TeamHidden;
  return (
    <Switch>
      <Route path="/" component={Overview} />
      <Route path="/packages" component={Packages} />
      <Route path="/packages/:view" component={Packages} />
      <Route path="/requests" component={History} />
      <Route path="/requests/:id" component={History} />
      <Route path="/approvals" component={Approvals} />
      <Route path="/approvals/:view" component={Approvals} />
      <Route path="/team" component={team} />
      <Route path="/team/:id" component={team} />
      <Route path="/admin">
        <Redirect to="/admin/requests" replace />
      </Route>
      <Route path="/admin/*" component={Admin} />
      <Route component={Missing} />
    </Switch>
  );
}
