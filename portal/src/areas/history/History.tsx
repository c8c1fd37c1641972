import { Tab, TabList } from "@fluentui/react-components";
import { HistoryRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useLocation, useParams } from "wouter";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { AccessRequest } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { Page } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { Toolbar } from "../../ui/Toolbar";
import { RequestRow } from "../shared/RequestRow";
import { OPEN } from "../shared/requests";
import { Story } from "./Story";

const VIEWS = ["all", "open", "closed"] as const;
type View = (typeof VIEWS)[number];

/** Everything one asked for or was asked for. */
export default function History() {
  const text = useText();
  const [, go] = useLocation();
  const { id } = useParams<{ id?: string }>();
  const [view, setView] = useState<View>("all");
  const [search, setSearch] = useState("");
  const list = useList(paths.requests("targetOrRequestor"));
  const wanted = search.toLowerCase();
  const keep = (one: AccessRequest) =>
    (view === "all" || OPEN.has(one.state) === (view === "open")) &&
    `${one.accessPackage.displayName} ${one.assignment.target.displayName}`.toLowerCase().includes(wanted);
  return (
    <Page title={text("nav.history")} about={text("history.about")}>
      <Toolbar
        tabs={
          <TabList selectedValue={view} onTabSelect={(_, { value }) => setView(value as View)}>
            {VIEWS.map((one) => (
              <Tab key={one} value={one}>
                {text(`history.${one}`)}
              </Tab>
            ))}
          </TabList>
        }
        search={<SearchBox label={text("history.search")} search={setSearch} />}
      />
      <Listing
        list={list}
        keep={keep}
        label={text("nav.history")}
        empty={{ icon: <HistoryRegular />, title: text("history.none"), about: text("history.noneAbout") }}
      >
        {(one) => <RequestRow key={one.id} request={one} />}
      </Listing>
      {id && <Story id={id} close={() => go("/requests")} />}
    </Page>
  );
}
