import {
  Field,
  makeStyles,
  Radio,
  RadioGroup,
  Tag,
  TagPicker,
  TagPickerControl,
  TagPickerGroup,
  TagPickerInput,
  TagPickerList,
  TagPickerOption,
} from "@fluentui/react-components";
import { useDeferredValue, useState } from "react";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { LineMember, Person } from "../../api/shapes";
import { inLine } from "../../format/words";
import { useText } from "../../messages/useText";
import { Face } from "../../ui/People";
import type { Asked } from "./useAsking";

const FEW_LETTERS = 2;
const NOBODY = "nobody";

const useStyles = makeStyles({ whole: { display: "grid", gap: "12px" } });

/** Oneself, or some of one's people. */
export function Whom({ asked }: { asked: Asked }) {
  const styles = useStyles();
  const text = useText();
  const { draft, change, reports } = asked;
  if (reports.items.length === 0 && !draft.isForOthers) return null;
  return (
    <div className={styles.whole}>
      <Field label={text("ask.whom")}>
        <RadioGroup
          layout="horizontal"
          value={draft.isForOthers ? "others" : "self"}
          onChange={(_, { value }) => change({ isForOthers: value === "others" })}
        >
          <Radio value="self" label={text("ask.self")} />
          <Radio value="others" label={text("ask.others")} />
        </RadioGroup>
      </Field>
      {draft.isForOthers && <Reports asked={asked} />}
    </div>
  );
}

function Reports({ asked }: { asked: Asked }) {
  const text = useText();
  const [typed, setTyped] = useState("");
  const { draft, change, know, reports, nameOf } = asked;
  const wanted = useDeferredValue(typed.trim());
  // One's own reports are there at once; whoever is further down is found by name.
  const found = useList(paths.line(wanted), { isEnabled: wanted.length >= FEW_LETTERS });
  const further = wanted.length >= FEW_LETTERS ? found.items.filter((one) => one.level > 1) : [];
  const left: (Person & Partial<LineMember>)[] = [...reports.items, ...further].filter(
    (one) => !draft.targetIds.includes(one.id) && one.displayName.toLowerCase().includes(typed.toLowerCase()),
  );
  return (
    <Field label={text("ask.reports")} required>
      <TagPicker
        selectedOptions={draft.targetIds}
        onOptionSelect={(_, { value, selectedOptions }) => {
          const chosen = left.find((one) => one.id === value);
          if (chosen) know(chosen);
          change({ targetIds: selectedOptions.filter((id) => id !== NOBODY) });
          setTyped("");
        }}
      >
        <TagPickerControl>
          <TagPickerGroup aria-label={text("ask.chosen")}>
            {draft.targetIds.map((id) => (
              <Tag key={id} shape="circular" media={<Face name={nameOf(id)} size={24} />} value={id}>
                {nameOf(id)}
              </Tag>
            ))}
          </TagPickerGroup>
          <TagPickerInput
            aria-label={text("ask.reports")}
            placeholder={draft.targetIds.length ? "" : text("ask.reportsHint")}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </TagPickerControl>
        <TagPickerList>
          {left.map((one) => (
            <TagPickerOption
              key={one.id}
              value={one.id}
              text={one.displayName}
              media={<Face name={one.displayName} size={32} />}
              secondaryContent={inLine(one.jobTitle, one.manager && text("team.reportsTo", { name: one.manager.displayName }))}
            >
              {one.displayName}
            </TagPickerOption>
          ))}
          {left.length === 0 && (
            <TagPickerOption value={NOBODY} text="">
              {text("ask.nobody")}
            </TagPickerOption>
          )}
        </TagPickerList>
      </TagPicker>
    </Field>
  );
}
