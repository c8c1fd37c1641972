import { makeStyles, Tab, TabList } from "@fluentui/react-components";
import { useEffect } from "react";
import { Route, Switch, useLocation } from "wouter";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Page } from "../../ui/Page";
import { Toolbar } from "../../ui/Toolbar";
import Missing from "../Missing";
import { Audit } from "./Audit";
import { CatalogPage } from "./catalogs/CatalogPage";
import { Catalogs } from "./catalogs/Catalogs";
import { AllAssignments } from "./lists/AllAssignments";
import { AllRequests } from "./lists/AllRequests";
import { Changes } from "./lists/Changes";
import { DeliveryErrors } from "./lists/DeliveryErrors";
import { DriftReport } from "./lists/DriftReport";
import { DutiesReport } from "./lists/DutiesReport";
import { OverdueList } from "./lists/OverdueList";
import { Switches } from "./lists/Switches";
import { WhoHasWhat } from "./lists/WhoHasWhat";
import { AllPackages } from "./packages/AllPackages";
import { PackagePage } from "./packages/PackagePage";
import { PolicyPage } from "./policy/PolicyPage";

const VIEWS = {
  requests: AllRequests,
  assignments: AllAssignments,
  errors: DeliveryErrors,
  packages: AllPackages,
  catalogs: Catalogs,
  holders: WhoHasWhat,
  duties: DutiesReport,
  drift: DriftReport,
  overdue: OverdueList,
  changes: Changes,
  audit: Audit,
  switches: Switches,
} as const;
type View = keyof typeof VIEWS;

/** What stands on one tab; those after the first are chosen below it. */
const TABS: View[][] = [
  ["requests"],
  ["assignments"],
  ["errors"],
  ["packages"],
  ["catalogs"],
  ["holders", "duties", "drift", "overdue", "changes"],
  ["audit"],
  ["switches"],
];

const useStyles = makeStyles({ beside: { maxWidth: "100%", overflowX: "auto" } });

/** Everything there is: what is asked and held, what can be, and on which terms. */
export default function Admin() {
  const { isAdministrator } = useSession();
  if (!isAdministrator) return <Missing />;
  return (
    <Switch>
      <Route path="/admin/catalogs/:id">{({ id }) => <CatalogPage id={id} />}</Route>
      <Route path="/admin/packages/:id/policies/:policy">
        {({ id, policy }) => <PolicyPage key={policy} packageId={id} policyId={policy === "new" ? undefined : policy} />}
      </Route>
      <Route path="/admin/packages/:id/:part?">{({ id, part }) => <PackagePage id={id} part={part} />}</Route>
      <Route path="/admin/:view?">{({ view = "requests" }) => (view in VIEWS ? <Lists view={view as View} /> : <Missing />)}</Route>
      <Route component={Missing} />
    </Switch>
  );
}

function Lists({ view }: { view: View }) {
  const styles = useStyles();
  const text = useText();
  const [, go] = useLocation();
  const Shown = VIEWS[view];
  useEffect(() => {
    // On a narrow screen the tabs scroll, and the one that is chosen may be out of sight.
    for (const tab of document.querySelectorAll("main [role=tab][aria-selected=true]")) tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [view]);
  const beside = TABS.find((tab) => tab.includes(view)) ?? [view];
  return (
    <Page title={text("nav.admin")} about={text("admin.about")}>
      <Toolbar
        tabs={
          <TabList selectedValue={beside[0]} onTabSelect={(_, { value }) => go(`/admin/${value as View}`)}>
            {TABS.map(([first, ...more]) => (
              <Tab key={first} value={first}>
                {text(more.length > 0 ? "admin.reports" : `admin.${first as View}`)}
              </Tab>
            ))}
          </TabList>
        }
      />
      {beside.length > 1 && (
        <div className={styles.beside}>
          <TabList size="small" appearance="subtle-circular" selectedValue={view} onTabSelect={(_, { value }) => go(`/admin/${value as View}`)}>
            {beside.map((one) => (
              <Tab key={one} value={one}>
                {text(`admin.${one}`)}
              </Tab>
            ))}
          </TabList>
        </div>
      )}
      <Shown />
    </Page>
  );
}
