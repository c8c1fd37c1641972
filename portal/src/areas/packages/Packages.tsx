import { Button, Tab, TabList } from "@fluentui/react-components";
import { AddRegular, BoxRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useLocation, useParams, useSearch } from "wouter";
import { contains, paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { Package } from "../../api/shapes";
import { inLine } from "../../format/words";
import { useText } from "../../messages/useText";
import { closeOnto } from "../../ui/leaving";
import { Listing } from "../../ui/Listing";
import { Page } from "../../ui/Page";
import { Row } from "../../ui/Row";
import { SearchBox } from "../../ui/SearchBox";
import Missing from "../Missing";
import { useAsk } from "../request/AskContext";
import { AssignmentRow } from "../shared/AssignmentRow";
import { Details } from "./Details";
import { PackageIcon } from "./PackageIcon";
import { Toolbar } from "../../ui/Toolbar";

const VIEWS = ["available", "active", "expired"] as const;

const placeOf = (view: string) => (view === "available" ? "/packages" : `/packages/${view}`);

export default function Packages() {
  const text = useText();
  const ask = useAsk();
  const [, go] = useLocation();
  const { view = "available" } = useParams<{ view?: string }>();
  const [search, setSearch] = useState("");
  const opened = new URLSearchParams(useSearch()).get("open");
  const here = placeOf(view);
  if (!VIEWS.some((one) => one === view)) return <Missing />;
  return (
    <Page
      title={text("nav.packages")}
      about={text("packages.about")}
      actions={
        <Button appearance="primary" icon={<AddRegular />} onClick={() => ask()}>
          {text("ask.title")}
        </Button>
      }
    >
      <Toolbar
        tabs={
          <TabList selectedValue={view} onTabSelect={(_, { value }) => go(placeOf(value as string))}>
            {VIEWS.map((one) => (
              <Tab key={one} value={one}>
                {text(`packages.${one}`)}
              </Tab>
            ))}
          </TabList>
        }
        search={<SearchBox label={text("packages.search")} search={setSearch} />}
      />
      {view === "available" && <Available search={search} open={(id) => go(`${here}?open=${id}`)} />}
      {view === "active" && <Held search={search} here={here} filter="state ne 'expired'" label={text("packages.active")} none={text("packages.noneActive")} />}
      {view === "expired" && <Held search={search} here={here} filter="state eq 'expired'" label={text("packages.expired")} none={text("packages.noneExpired")} />}
      {opened && <Details id={opened} isHeld={view === "active"} close={() => closeOnto(here)} />}
    </Page>
  );
}

function Available({ search, open }: { search: string; open: (id: string) => void }) {
  const text = useText();
  const ask = useAsk();
  const list = useList(paths.packages(search));
  const empty = search
    ? { icon: <BoxRegular />, title: text("packages.noneFound", { search }) }
    : { icon: <BoxRegular />, title: text("packages.none"), about: text("packages.noneAbout") };
  return (
    <Listing list={list} label={text("packages.available")} empty={empty}>
      {(one) => (
        <Row
          key={one.id}
          lead={<PackageIcon />}
          title={one.displayName}
          meta={[one.description, given(one, text("packages.in", { catalog: one.catalog?.displayName ?? "" }))]}
          actions={
            <>
              <Button appearance="subtle" onClick={() => open(one.id)} aria-label={text("packages.detailsOf", { package: one.displayName })}>
                {text("packages.details")}
              </Button>
              <Button onClick={() => ask({ packageIds: [one.id] })} aria-label={text("packages.requestOf", { package: one.displayName })}>
                {text("packages.request")}
              </Button>
            </>
          }
        />
      )}
    </Listing>
  );
}

interface HeldProps {
  search: string;
  /** Where the list is; what is opened from it stands behind that. */
  here: string;
  filter: string;
  label: string;
  none: string;
}

function Held({ search, here, filter, label, none }: HeldProps) {
  const text = useText();
  const list = useList(paths.assignments("target", search ? `${filter} and ${contains("accessPackage/displayName", search)}` : filter));
  const title = search ? text("packages.noneFound", { search }) : none;
  return (
    <Listing list={list} label={label} empty={{ icon: <BoxRegular />, title }}>
      {(one) => <AssignmentRow key={one.id} assignment={one} lead={<PackageIcon />} to={`${here}?open=${one.accessPackage.id}`} />}
    </Listing>
  );
}

function given({ resourceRoleScopes = [] }: Package, where: string): string {
  const names = resourceRoleScopes.map(({ role }) => role?.resource?.displayName).filter(Boolean);
  return inLine(names.join(", "), where);
}
