import {
  Field,
  makeStyles,
  Tag,
  TagPicker,
  TagPickerControl,
  TagPickerGroup,
  TagPickerInput,
  TagPickerList,
  TagPickerOption,
} from "@fluentui/react-components";
import { PeopleRegular, PersonTagRegular } from "@fluentui/react-icons";
import { useDeferredValue, useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { SubjectSet } from "../../../api/adminShapes";
import { paths } from "../../../api/paths";
import { useList } from "../../../api/queries";
import { useText } from "../../../messages/useText";
import { reasonOf } from "../../../ui/Problem";
import { Face } from "../../../ui/People";
import type { Editing } from "./draft";
import { group, keyOf, kindOf, label as labelOf, user } from "./subjects";

const FEW = 8;

const useStyles = makeStyles({ list: { maxHeight: "min(320px, 40vh)", overflowY: "auto" } });

interface Props {
  editing: Editing;
  label: string;
  hint?: string;
  /** Where the list stands in the policy. */
  place: string;
  subjects: SubjectSet[];
  change: (subjects: SubjectSet[]) => void;
  /** Offered beside people and groups. */
  relations?: SubjectSet[];
  isRequired?: boolean;
}

/** Names people, groups, and whoever stands in a relation to the person. */
export function SubjectsField({ editing, label, hint, place, subjects, change, relations = [], isRequired = false }: Props) {
  const styles = useStyles();
  const text = useText();
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const wanted = useDeferredValue(typed.trim());
  const people = useList(paths.people(wanted), { isEnabled: isOpen });
  const groups = useList(adminPaths.groupsNamed(wanted), { isEnabled: isOpen });
  const problem = people.error ?? groups.error;
  const complaint = editing.complain(place);
  const taken = new Set(subjects.map(keyOf));
  const named = (subject: SubjectSet) => labelOf(subject, editing.names, text);
  const offered = [
    ...relations.filter((one) => named(one).toLowerCase().includes(wanted.toLowerCase())).map((one) => ({ subject: one, about: "" })),
    ...people.items.slice(0, FEW).map((one) => ({ subject: user(one.id, one.displayName), about: one.jobTitle ?? "" })),
    ...groups.items.slice(0, FEW).map((one) => ({ subject: group(one.id, one.displayName), about: text("admin.group.one") })),
  ].filter(({ subject }) => !taken.has(keyOf(subject)));
  const pick = (key: string) => {
    const one = offered.find(({ subject }) => keyOf(subject) === key)?.subject;
    setTyped("");
    if (!one) return change(subjects.filter((subject) => keyOf(subject) !== key));
    editing.learn(one.userId ?? one.groupId ?? "", one.description ?? "");
    return change([...subjects, one]);
  };
  return (
    <Field label={label} required={isRequired} {...(hint ? { hint } : {})} {...complaint}>
      <TagPicker
        selectedOptions={subjects.map(keyOf)}
        onOpenChange={(_, { open }) => setOpen(open)}
        onOptionSelect={(_, { value }) => pick(value)}
      >
        <TagPickerControl>
          <TagPickerGroup aria-label={text("admin.policy.chosen", { label })}>
            {subjects.map((one) => (
              <Tag key={keyOf(one)} shape="circular" value={keyOf(one)} media={<Sign subject={one} name={named(one)} size={24} />}>
                {named(one)}
              </Tag>
            ))}
          </TagPickerGroup>
          <TagPickerInput
            aria-label={label}
            aria-invalid={complaint.validationState === "error"}
            placeholder={subjects.length ? "" : text("admin.findByName")}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onBlur={() => setTyped("")}
          />
        </TagPickerControl>
        <TagPickerList className={styles.list}>
          {offered.map(({ subject, about }) => (
            <TagPickerOption
              key={keyOf(subject)}
              value={keyOf(subject)}
              text={named(subject)}
              media={<Sign subject={subject} name={named(subject)} size={32} />}
              secondaryContent={about}
            >
              {named(subject)}
            </TagPickerOption>
          ))}
          {offered.length === 0 && (
            <TagPickerOption value="" text="">
              {problem ? reasonOf(problem, text) : text(people.isLoading ? "loading" : "list.noneFound")}
            </TagPickerOption>
          )}
        </TagPickerList>
      </TagPicker>
    </Field>
  );
}

function Sign({ subject, name, size }: { subject: SubjectSet; name: string; size: 24 | 32 }) {
  const kind = kindOf(subject);
  if (kind === "singleUser") return <Face name={name} size={size} />;
  return kind === "groupMembers" ? <PeopleRegular fontSize={size * 0.75} aria-hidden /> : <PersonTagRegular fontSize={size * 0.75} aria-hidden />;
}
