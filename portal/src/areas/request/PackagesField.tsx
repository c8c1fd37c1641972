import { Checkbox, Field, Input, makeStyles, Select, Skeleton, SkeletonItem, tokens } from "@fluentui/react-components";
import { SearchRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { useText } from "../../messages/useText";
import { Problem } from "../../ui/Problem";
import type { Asked, Choice } from "./useAsking";

const FEW = 6;

const useStyles = makeStyles({
  box: {
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    maxHeight: "264px",
    overflowY: "auto",
    padding: "4px 0",
  },
  one: { display: "flex", width: "100%", alignItems: "flex-start" },
  words: { display: "grid", overflowWrap: "anywhere" },
  about: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  ghost: { display: "grid", gap: "12px", padding: "12px" },
  whole: { display: "grid", gap: "4px" },
});

interface Props {
  asked: Asked;
  /** What the panel was opened with comes first. */
  beginsWith: string[];
  wasTried: boolean;
}

/** What one can ask for, for the people chosen: one or several at once. */
export function PackagesField({ asked, beginsWith, wasTried }: Props) {
  const styles = useStyles();
  const text = useText();
  const [search, setSearch] = useState("");
  const { draft, choices } = asked;
  if (draft.isForOthers && draft.targetIds.length === 0) return null;
  const isFirst = (one: Choice) => Number(beginsWith.includes(one.id));
  const shown = choices
    .filter((one) => one.displayName.toLowerCase().includes(search.toLowerCase()) || draft.packageIds.includes(one.id))
    .sort((a, b) => isFirst(b) - isFirst(a));
  const lacks = wasTried && draft.packageIds.length === 0;
  const complaint = lacks ? { validationMessage: text("ask.packagesMissing"), validationState: "error" as const } : {};
  return (
    <div className={styles.whole}>
      <Field label={text("ask.packages")} required {...complaint}>
        {choices.length > FEW ? (
          <Input
            contentBefore={<SearchRegular />}
            placeholder={text("ask.packagesSearch")}
            value={search}
            onChange={(_, { value }) => setSearch(value)}
          />
        ) : null}
      </Field>
      <Problem error={asked.error} />
      <div className={styles.box} role="group" aria-label={text("ask.packages")}>
        {asked.isLoading && choices.length === 0 && (
          <Skeleton className={styles.ghost} aria-label={text("loading")}>
            {[1, 2, 3].map((row) => (
              <SkeletonItem key={row} size={20} />
            ))}
          </Skeleton>
        )}
        {!asked.isLoading && choices.length === 0 && <div className={styles.ghost}>{text("ask.packagesNone")}</div>}
        {shown.map((one) => (
          <Offer key={one.id} choice={one} asked={asked} />
        ))}
      </div>
      <Policies asked={asked} />
    </div>
  );
}

function Offer({ choice, asked }: { choice: Choice; asked: Asked }) {
  const styles = useStyles();
  const text = useText();
  const { draft, change } = asked;
  const without = draft.isForOthers ? draft.targetIds.filter((id) => !choice.for.includes(id)).map(asked.nameOf) : [];
  const others = draft.packageIds.filter((id) => id !== choice.id);
  return (
    <Checkbox
      className={styles.one}
      checked={draft.packageIds.includes(choice.id)}
      onChange={(_, { checked }) => change({ packageIds: checked ? [...others, choice.id] : others })}
      label={
        <span className={styles.words}>
          {choice.displayName}
          <span className={styles.about}>{choice.description}</span>
          {without.length > 0 && <span className={styles.about}>{text("ask.notFor", { names: without.join(", ") })}</span>}
        </span>
      }
    />
  );
}

/** A choice of terms, for the packages that offer one. */
function Policies({ asked }: { asked: Asked }) {
  const text = useText();
  const open = Object.entries(asked.policies).filter(([, policies]) => policies.length > 1);
  return open.map(([packageId, policies]) => (
    <Field key={packageId} label={text("ask.policy", { package: nameOf(asked, packageId) })}>
      <Select
        value={asked.draft.policies[packageId] ?? policies[0]?.policyId ?? ""}
        onChange={(_, { value }) => asked.change({ policies: { ...asked.draft.policies, [packageId]: value } })}
      >
        {policies.map((one) => (
          <option key={one.policyId} value={one.policyId}>
            {one.policyDisplayName}
          </option>
        ))}
      </Select>
    </Field>
  ));
}

export function nameOf(asked: Asked, packageId: string): string {
  return asked.choices.find((one) => one.id === packageId)?.displayName ?? packageId;
}
