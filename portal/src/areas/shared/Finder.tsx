import { Combobox, type ComboboxProps, Field, makeStyles, Option, tokens } from "@fluentui/react-components";
import { useDeferredValue, useEffect, useRef, useState } from "react";
import type { Reads } from "../../api/path";
import { type Part, useList } from "../../api/queries";
import { useText } from "../../messages/useText";
import { reasonOf } from "../../ui/Problem";
import type { Complaint } from "./complaints";

interface Named {
  id: string;
  displayName: string;
}

interface Props<T extends Named> {
  label: string;
  /** Where those are whose name holds what was typed. */
  among: (search: string) => Reads<Part<T>>;
  /** What tells two of one name apart. */
  about?: (one: T) => string | null | undefined;
  /** The name of what is chosen; nothing is chosen without one. */
  chosen: string | undefined;
  choose: (one: T | undefined) => void;
  isRequired?: boolean;
  complaint?: Complaint;
  without?: (one: T) => boolean;
  /** What can be chosen beside those. */
  besides?: T[];
}

const useStyles = makeStyles({
  box: { minWidth: 0, width: "100%" },
  // Else the field is as wide as browsers draw an empty one.
  input: { minWidth: 0 },
  option: { display: "grid" },
  about: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

/** Chooses one of many by name: a person, a package, a group. */
export function Finder<T extends Named>({ label, among, about, chosen, choose, isRequired = false, complaint, without, besides = [] }: Props<T>) {
  const styles = useStyles();
  const text = useText();
  const [typed, setTyped] = useState(chosen ?? "");
  const [isOpen, setOpen] = useState(false);
  const isTyping = useRef(false);
  useEffect(() => {
    // Given up by typing over it, what is typed stays; taken away from elsewhere, nothing does.
    if (chosen !== undefined || !isTyping.current) setTyped(chosen ?? "");
    isTyping.current = false;
  }, [chosen]);
  const wanted = useDeferredValue(chosen === undefined || typed !== chosen ? typed.trim() : "");
  const found = useList(among(wanted), { isEnabled: isOpen });
  const isBeside = (one: T) => one.displayName.toLowerCase().includes(wanted.toLowerCase());
  const shown = [...besides.filter(isBeside), ...found.items.filter((one) => !without?.(one))];
  const { hasMore, isLoadingMore, more } = found;
  const isOnTheWay = isOpen && shown.length === 0 && hasMore;
  useEffect(() => {
    // A page of nothing but what is left out is not the end.
    if (isOnTheWay && !isLoadingMore) more();
  }, [isOnTheWay, isLoadingMore, more]);
  const pick: ComboboxProps["onOptionSelect"] = (event, { optionValue }) => {
    // Typing over what was chosen gives that up, and what is typed stays.
    if (optionValue === undefined && event.type !== "click") return;
    const one = shown.find(({ id }) => id === optionValue);
    setTyped(one?.displayName ?? "");
    choose(one);
  };
  return (
    <Field label={label} required={isRequired} {...complaint}>
      <Combobox
        className={styles.box}
        input={{ className: styles.input }}
        freeform
        clearable
        value={typed}
        placeholder={text("admin.findByName")}
        selectedOptions={chosen === undefined ? [] : [chosen]}
        // What was typed and not chosen is nothing.
        onBlur={() => setTyped(chosen ?? "")}
        open={isOpen}
        onOpenChange={(_, { open }) => setOpen(open)}
        onChange={(event) => {
          setTyped(event.target.value);
          setOpen(true);
          if (chosen === undefined) return;
          isTyping.current = true;
          choose(undefined);
        }}
        onOptionSelect={pick}
      >
        {shown.map((one) => (
          <Option key={one.id} value={one.id} text={one.displayName}>
            <span className={styles.option}>
              {one.displayName}
              <span className={styles.about}>{about?.(one)}</span>
            </span>
          </Option>
        ))}
        {shown.length === 0 && !found.isLoading && (found.error !== null || !isOnTheWay) && (
          <Option value="" text="" disabled>
            {found.error ? reasonOf(found.error, text) : text("list.noneFound")}
          </Option>
        )}
      </Combobox>
    </Field>
  );
}
