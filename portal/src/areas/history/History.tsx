import { Tab, TabList } from "@fluentui/react-components";
import { HistoryRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useParams, useSearchParams } from "wouter";
import { mentioning, paths } from "../../api/paths";
import { useList } from "../../api/queries";
import { useText } from "../../messages/useText";
import { closeOnto } from "../../ui/leaving";
import { Listing } from "../../ui/Listing";
import { Page } from "../../ui/Page";
import { SearchBox } from "../../ui/SearchBox";
import { Toolbar } from "../../ui/Toolbar";
import { RequestRow } from "../shared/RequestRow";
import { IS_OPEN } from "../shared/requests";
import { Story } from "./Story";

const VIEWS = { all: "", open: IS_OPEN, closed: `not (${IS_OPEN})` };
type View = keyof typeof VIEWS;

/** Everything one asked for or was asked for. */
export default function History() {
  const text = useText();
  const { id } = useParams<{ id?: string }>();
  const [found, setFound] = useSearchParams();
  const view = (Object.keys(VIEWS) as View[]).find((one) => one === found.get("view")) ?? "all";
  const [search, setSearch] = useState("");
  const list = useList(paths.requests("targetOrRequestor", mentioning(search, VIEWS[view])));
  return (
    <Page title={text("nav.history")} about={text("history.about")}>
      <Toolbar
        tabs={
          <TabList selectedValue={view} onTabSelect={(_, { value }) => setFound(value === "all" ? {} : { view: String(value) })}>
            {(Object.keys(VIEWS) as View[]).map((one) => (
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
        label={text("nav.history")}
        empty={{
          icon: <HistoryRegular />,
          ...(search ? { title: text("list.noneFound") } : { title: text("history.none"), about: text("history.noneAbout") }),
        }}
      >
        {(one) => <RequestRow key={one.id} request={one} />}
      </Listing>
      {id && <Story id={id} close={() => closeOnto("/requests")} />}
    </Page>
  );
}
