import { DocumentSearchRegular } from "@fluentui/react-icons";
import { useSearchParams } from "wouter";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import { useText } from "../../messages/useText";
import { Listing } from "../../ui/Listing";
import { AuditFilters } from "./AuditFilters";
import { AuditLine } from "./AuditLine";
import { Chain } from "./Chain";
import { NARROWING, type Narrowing } from "./trail";

export type Narrowed = Partial<Record<Narrowing, string>>;

const DAY = 86_400_000;

/** Everything that ever happened, newest first; what narrows it stands in the address, so that a view can be sent on. */
export function Audit() {
  const text = useText();
  const [search, setSearch] = useSearchParams();
  const narrowed: Narrowed = Object.fromEntries(NARROWING.flatMap((name) => (search.get(name) ? [[name, search.get(name)]] : [])));
  const narrow = (changes: Narrowed) => {
    const wanted = Object.entries({ ...narrowed, ...changes }).filter(([, value]) => value);
    setSearch(Object.fromEntries(wanted) as Record<string, string>);
  };
  const list = useList(paths.audit(asked(narrowed)));
  return (
    <>
      <Chain />
      <AuditFilters narrowed={narrowed} narrow={narrow} first={list.items[0]} />
      <Listing
        list={list}
        label={text("admin.audit")}
        empty={{ icon: <DocumentSearchRegular />, title: text("audit.none"), about: text("audit.noneAbout") }}
      >
        {(one) => <AuditLine key={one.number} event={one} narrow={narrow} />}
      </Listing>
    </>
  );
}

/** Days are the reader's; the API is asked for instants, up to the end of the last day. */
function asked({ from, until, ...others }: Narrowed): Record<string, string> {
  return { ...others, ...midnight("from", from, 0), ...midnight("until", until, DAY) };
}

function midnight(name: string, day: string | undefined, later: number): Record<string, string> {
  const at = new Date(`${day}T00:00`).getTime() + later;
  return Number.isNaN(at) ? {} : { [name]: new Date(at).toISOString() };
}
