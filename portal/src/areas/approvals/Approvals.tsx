import { Tab, TabList } from "@fluentui/react-components";
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { useText } from "../../messages/useText";
import { Page } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { Toolbar } from "../../ui/Toolbar";
import Missing from "../Missing";
import { Made } from "./Made";
import { StandIns } from "./StandIns";
import { Waiting } from "./Waiting";

const VIEWS = new Set(["pending", "history", "stand-ins"]);

/** What waits for one's word, and the words one has given. */
export default function Approvals() {
  const text = useText();
  const [, go] = useLocation();
  const { view = "pending" } = useParams<{ view?: string }>();
  const [search, setSearch] = useState("");
  if (!VIEWS.has(view)) return <Missing />;
  return (
    <Page title={text("nav.approvals")} about={text("approvals.about")}>
      <Toolbar
        tabs={
          <TabList selectedValue={view} onTabSelect={(_, { value }) => go(value === "pending" ? "/approvals" : `/approvals/${value}`)}>
            <Tab value="pending">{text("approvals.pending")}</Tab>
            <Tab value="history">{text("approvals.history")}</Tab>
            <Tab value="stand-ins">{text("approvals.standIns")}</Tab>
          </TabList>
        }
        search={view === "stand-ins" ? null : <SearchBox label={text("history.search")} search={setSearch} />}
      />
      {view === "pending" && <Waiting search={search} />}
      {view === "history" && <Made search={search} />}
      {view === "stand-ins" && <StandIns />}
    </Page>
  );
}
