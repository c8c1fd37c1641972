import { Button } from "@fluentui/react-components";
import { AddRegular, ArrowLeftRegular, PeopleTeamRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link, useLocation, useParams } from "wouter";
import { paths } from "../../api/paths";
import { type List, useList, useOne } from "../../api/queries";
import type { LineMember, Person } from "../../api/shapes";
import { daysUntil } from "../../format/times";
import { inLine } from "../../format/words";
import { useText } from "../../messages/useText";
import { Ghost, Listing } from "../../ui/Listing";
import { Page } from "../../ui/Page";
import { Face } from "../../ui/People";
import { Row } from "../../ui/Row";
import { SearchBox } from "../../ui/SearchBox";
import { Toolbar } from "../../ui/Toolbar";
import Missing from "../Missing";
import { useAsk } from "../request/AskContext";
import { useLinkStyles } from "../shared/RequestRow";
import { Report } from "./Report";
import { NewBadge } from "./NewBadge";

const NEW_DAYS = 60;

/** Whoever reports to whoever reads: what each holds, waits for, and may need. */
export default function Team() {
  const { id } = useParams<{ id?: string }>();
  const reports = useList(paths.reports());
  const direct = reports.items.find((one) => one.id === id);
  const found = useOne(id && !direct && !reports.isLoading ? paths.lineMember(id) : null);
  const person = direct ?? found.data?.items[0];
  if (id && person) return <OneReport person={person} isDirect={direct !== undefined} />;
  if (id && (reports.isLoading || found.isLoading)) return <Ghost />;
  // Of whoever is not in one's line there is no page here.
  if (id && !reports.error) return <Missing />;
  return <Everybody />;
}

function Everybody() {
  const { link } = useLinkStyles();
  const text = useText();
  const ask = useAsk();
  const [search, setSearch] = useState("");
  const reports = useList(paths.reports());
  // Whoever is further down the line is found by name.
  const line = useList(paths.line(search), { isEnabled: search !== "" });
  const standings = useList(paths.standings());
  const shown: List<Person & Partial<LineMember>> = search ? line : reports;
  return (
    <Page
      title={text("nav.team")}
      about={text("team.about")}
      actions={
        <Button appearance="primary" icon={<AddRegular />} onClick={() => ask({ isForOthers: true })}>
          {text("team.ask")}
        </Button>
      }
    >
      <Toolbar search={<SearchBox label={text("team.searchLine")} search={setSearch} />} />
      <Listing
        list={{ ...shown, isLoading: shown.isLoading || standings.isLoading }}
        label={text("nav.team")}
        empty={{ icon: <PeopleTeamRegular />, title: search ? text("ask.nobody") : text("team.none") }}
      >
        {(one) => {
          const standing = standings.items.find(({ id }) => id === one.id);
          return (
            <Row
              key={one.id}
              lead={<Face name={one.displayName} />}
              title={
                <>
                  <Link to={`/team/${one.id}`} className={link}>
                    {one.displayName}
                  </Link>
                  {isNew(one) && <NewBadge />}
                </>
              }
              meta={[
                one.jobTitle,
                one.manager && one.level !== 1
                  ? text("team.reportsTo", { name: one.manager.displayName })
                  : standing && inLine(text.count("team.holds", standing.assignments), text.count("team.waits", standing.openRequests)),
              ]}
              actions={<Ask person={one} />}
            />
          );
        }}
      </Listing>
    </Page>
  );
}

function OneReport({ person, isDirect }: { person: Person; isDirect: boolean }) {
  const text = useText();
  const [, go] = useLocation();
  return (
    <Page
      title={person.displayName}
      about={inLine(person.jobTitle, person.department)}
      actions={
        <>
          <Button appearance="subtle" icon={<ArrowLeftRegular />} onClick={() => go("/team")}>
            {text("team.back")}
          </Button>
          <Ask person={person} />
        </>
      }
    >
      <Report id={person.id} isDirect={isDirect} />
    </Page>
  );
}

/** For somebody new: everything at once; for others what is needed now. */
function Ask({ person }: { person: Person }) {
  const text = useText();
  const ask = useAsk();
  const names = { name: person.displayName };
  const isStarting = isNew(person);
  return (
    <Button
      appearance={isStarting ? "primary" : "secondary"}
      aria-label={text(isStarting ? "team.onboardLabel" : "team.askFor", names)}
      onClick={() => ask({ targetIds: [person.id], names: { [person.id]: person.displayName } })}
    >
      {text(isStarting ? "team.onboard" : "packages.request")}
    </Button>
  );
}

function isNew({ employeeHireDate }: Person): boolean {
  return !!employeeHireDate && daysUntil(employeeHireDate) > -NEW_DAYS;
}
