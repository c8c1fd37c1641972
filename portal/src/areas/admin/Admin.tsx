import { Tab, TabList } from "@fluentui/react-components";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { type Task, usePermissions } from "../../api/useMay";
import { useText } from "../../messages/useText";
import { Page } from "../../ui/Page";
import { Strip } from "../../ui/Strip";
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
import { MailPage } from "./mail/MailPage";
import { Mails } from "./mail/Mails";
import { AllPackages } from "./packages/AllPackages";
import { PackagePage } from "./packages/PackagePage";
import { NotThere } from "./parts/NotThere";
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
  mail: Mails,
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
  ["mail"],
];

/** What one must be let do somewhere to see a list; what is in it, the API narrows to where one may. */
const TAKES: Record<View, Task> = {
  requests: "listRequests",
  assignments: "listAssignments",
  errors: "listAssignments",
  packages: "readCatalog",
  catalogs: "listCatalogs",
  holders: "listAssignments",
  duties: "listAssignments",
  drift: "listAssignments",
  overdue: "listAssignments",
  changes: "listAssignments",
  audit: "govern",
  switches: "govern",
  mail: "govern",
};

/** Everything there is: what is asked and held, what can be, and on which terms. */
export default function Admin() {
  const { found, may } = usePermissions();
  if (!found.data) return <NotThere found={found} />;
  const views = (Object.keys(VIEWS) as View[]).filter((view) => may(TAKES[view]));
  if (views.length === 0) return <Missing />;
  return (
    <Switch>
      <Route path="/admin/catalogs/:id">{({ id }) => <CatalogPage id={id} />}</Route>
      <Route path="/admin/packages/:id/policies/:policy">
        {({ id, policy }) => <PolicyPage key={policy} packageId={id} policyId={policy === "new" ? undefined : policy} />}
      </Route>
      <Route path="/admin/packages/:id/:part?">{({ id, part }) => <PackagePage id={id} part={part} />}</Route>
      {views.includes("mail") && <Route path="/admin/mail/:message">{({ message }) => <MailPage key={message} id={message} />}</Route>}
      <Route path="/admin/:view?">{({ view = "requests" }) => <In view={view} views={views} />}</Route>
      <Route component={Missing} />
    </Switch>
  );
}

function In({ view, views }: { view: string; views: View[] }) {
  if (views.includes(view as View)) return <Lists view={view as View} views={views} />;
  // Where everybody arrives; not everybody to whom something is delegated sees requests.
  return view === "requests" ? <Redirect to={`/admin/${views[0]}`} replace /> : <Missing />;
}

function Lists({ view, views }: { view: View; views: View[] }) {
  const text = useText();
  const [, go] = useLocation();
  const Shown = VIEWS[view];
  const tabs = TABS.map((tab) => tab.filter((one) => views.includes(one))).filter((tab) => tab.length > 0);
  const beside = tabs.find((tab) => tab.includes(view)) ?? [view];
  return (
    <Page title={text("nav.admin")} about={text("admin.about")}>
      <Toolbar
        tabs={
          <TabList selectedValue={beside[0]} onTabSelect={(_, { value }) => go(`/admin/${value as View}`)}>
            {tabs.map(([first, ...more]) => (
              <Tab key={first} value={first}>
                {text(more.length > 0 ? "admin.reports" : `admin.${first as View}`)}
              </Tab>
            ))}
          </TabList>
        }
      />
      {beside.length > 1 && (
        <Strip>
          <TabList size="small" appearance="subtle-circular" selectedValue={view} onTabSelect={(_, { value }) => go(`/admin/${value as View}`)}>
            {beside.map((one) => (
              <Tab key={one} value={one}>
                {text(`admin.${one}`)}
              </Tab>
            ))}
          </TabList>
        </Strip>
      )}
      <Shown />
    </Page>
  );
}
