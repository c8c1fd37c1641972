import { Button, Field, Input, makeStyles, Select, Tag, TagGroup } from "@fluentui/react-components";
import { paths } from "../../api/paths";
import { useOne } from "../../api/queries";
import type { AuditEvent, Person } from "../../api/shapes";
import { useText } from "../../messages/useText";
import { Finder } from "../shared/Finder";
import type { Narrowed } from "./Audit";
import { EVENTS, ITSELF, KINDS, saying, subject } from "./trail";

const useStyles = makeStyles({
  fields: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fit, minmax(min(150px, 100%), 1fr))",
    gap: "12px 16px",
    alignItems: "end",
  },
  // Selects are as wide as their longest option otherwise.
  field: { minWidth: 0, gridTemplateColumns: "minmax(0, 1fr)" },
  select: { minWidth: 0, width: "100%", textOverflow: "ellipsis" },
  chosen: { display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" },
});

interface Props {
  narrowed: Narrowed;
  narrow: (changes: Narrowed) => void;
  /** An event that was found, which knows what things are called. */
  first: AuditEvent | undefined;
}

export function AuditFilters({ narrowed, narrow, first }: Props) {
  const styles = useStyles();
  const text = useText();
  const kinds = KINDS.map((one): [string, string] => [one, text.word("kind", one)]);
  return (
    <>
      <div className={styles.fields} role="search" aria-label={text("audit.narrow")}>
        <Choice
          label={text("audit.event")}
          value={narrowed.event}
          options={EVENTS.map((one) => [one, saying(one, "…", text)])}
          choose={(event) => narrow({ event })}
        />
        <Choice label={text("audit.kind")} value={narrowed.objectType} options={kinds} choose={(objectType) => narrow({ objectType })} />
        <Who narrowed={narrowed} narrow={narrow} />
        <Day label={text("audit.from")} value={narrowed.from} choose={(from) => narrow({ from })} />
        <Day label={text("audit.until")} value={narrowed.until} choose={(until) => narrow({ until })} />
      </div>
      <Chosen narrowed={narrowed} narrow={narrow} first={first} />
    </>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: [string, string][];
  choose: (value: string) => void;
}

function Choice({ label, value = "", options, choose }: ChoiceProps) {
  const styles = useStyles();
  const text = useText();
  return (
    <Field label={label} className={styles.field}>
      <Select select={{ className: styles.select }} value={value} onChange={(_, data) => choose(data.value)}>
        <option value="">{text("admin.any")}</option>
        {options.map(([one, says]) => (
          <option key={one} value={one}>
            {says}
          </option>
        ))}
      </Select>
    </Field>
  );
}

function Day({ label, value = "", choose }: { label: string; value: string | undefined; choose: (value: string) => void }) {
  const styles = useStyles();
  return (
    <Field label={label} className={styles.field}>
      <Input type="date" value={value} onChange={(_, data) => choose(data.value)} />
    </Field>
  );
}

/** Somebody of the directory, or Grantline itself. */
type Named = Pick<Person, "id" | "displayName" | "jobTitle">;

function Who({ narrowed, narrow }: Pick<Props, "narrowed" | "narrow">) {
  const text = useText();
  const id = narrowed.actorId;
  const itself = { id: ITSELF, displayName: text("audit.itself") };
  const isPerson = id !== undefined && id !== ITSELF && !id.includes(":");
  const found = useOne(isPerson ? paths.person(id) : null);
  return (
    <Finder<Named>
      label={text("audit.actor")}
      among={paths.people}
      about={(one) => one.jobTitle}
      chosen={id === ITSELF ? itself.displayName : isPerson ? found.data?.displayName : id}
      choose={(one) => narrow({ actorId: one?.id ?? "" })}
      besides={[itself]}
    />
  );
}

/** What narrows the list beyond the fields: one thing's own trail. */
function Chosen({ narrowed, narrow, first }: Props) {
  const styles = useStyles();
  const text = useText();
  const { requestId, assignmentId, objectId } = narrowed;
  const isAny = Object.keys(narrowed).length > 0;
  if (!isAny) return null;
  const name = first ? subject(first, text) : (requestId ?? assignmentId ?? objectId ?? "");
  const only = requestId ? "requestId" : assignmentId ? "assignmentId" : objectId ? "objectId" : null;
  return (
    <div className={styles.chosen}>
      {only && (
        <TagGroup onDismiss={() => narrow({ [only]: "" })} aria-label={text("audit.narrow")}>
          <Tag dismissible value={only} dismissIcon={{ "aria-label": text("audit.widen") }}>
            {text("audit.only", { what: name })}
          </Tag>
        </TagGroup>
      )}
      <Button appearance="subtle" onClick={() => narrow(Object.fromEntries(Object.keys(narrowed).map((one) => [one, ""])))}>
        {text("audit.all")}
      </Button>
    </div>
  );
}
