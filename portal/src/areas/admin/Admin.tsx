import { Tab, TabList } from "@fluentui/react-components";
import { useLocation, useParams } from "wouter";
import { useText } from "../../messages/useText";
import { useSession } from "../../session/useSession";
import { Page } from "../../ui/Page";
import { Toolbar } from "../../ui/Toolbar";
import Missing from "../Missing";
import { AllAssignments } from "./AllAssignments";
import { AllPackages } from "./AllPackages";
import { AllRequests } from "./AllRequests";
import { Audit } from "./Audit";
import { Catalogs } from "./Catalogs";
import { OverdueList } from "./OverdueList";

const VIEWS = {
  requests: AllRequests,
  assignments: AllAssignments,
  packages: AllPackages,
  catalogs: Catalogs,
  overdue: OverdueList,
  audit: Audit,
} as const;
type View = keyof typeof VIEWS;

/** Everything there is, to read; it is changed through the API. */
export default function Admin() {
  const text = useText();
  const session = useSession();
  const [, go] = useLocation();
  const { view = "requests" } = useParams<{ view?: string }>();
  if (!session.isAdministrator || !(view in VIEWS)) return <Missing />;
  const Shown = VIEWS[view as View];
  return (
    <Page title={text("nav.admin")} about={text("admin.about")}>
      <Toolbar
        tabs={
          <TabList selectedValue={view} onTabSelect={(_, { value }) => go(`/admin/${value as View}`)}>
            {(Object.keys(VIEWS) as View[]).map((one) => (
              <Tab key={one} value={one}>
                {text(`admin.${one}`)}
              </Tab>
            ))}
          </TabList>
        }
      />
      <Shown />
    </Page>
  );
}
