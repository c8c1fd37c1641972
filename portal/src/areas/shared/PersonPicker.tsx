import { Combobox, Field, makeStyles, Option } from "@fluentui/react-components";
import { useDeferredValue, useState } from "react";
import { paths } from "../../api/paths";
import { useList } from "../../api/queries";
import type { Person } from "../../api/shapes";
import { useText } from "../../messages/useText";

const useStyles = makeStyles({ box: { minWidth: 0, width: "100%" } });

/** Whom one may pick: somebody of the directory, or what stands beside it. */
export type Picked = Pick<Person, "id" | "displayName"> & { jobTitle?: string | null };

interface Props {
  label: string;
  /** What stands in the field at first. */
  name?: string;
  isRequired?: boolean;
  complaint?: string | undefined;
  leaveOut?: string;
  besides?: Picked[];
  /** Called with nobody when the field is emptied or typed in anew. */
  pick: (picked: Picked | undefined) => void;
}

/** One person of the directory, found by typing part of their name. */
export function PersonPicker({ label, name = "", isRequired = false, complaint, leaveOut, besides = [], pick }: Props) {
  const styles = useStyles();
  const text = useText();
  const [typed, setTyped] = useState(name);
  const [isOpen, setOpen] = useState(false);
  const [picked, setPicked] = useState<string>();
  const search = useDeferredValue(picked || typed === name ? "" : typed.trim());
  const found = useList<Person>(paths.people(search));
  const isBeside = (one: Picked) => one.displayName.toLowerCase().includes(search.toLowerCase());
  const offered: Picked[] = [...besides.filter(isBeside), ...found.items.filter((one) => one.id !== leaveOut)];
  return (
    <Field
      label={label}
      required={isRequired}
      {...(complaint ? { validationMessage: complaint, validationState: "error" as const } : {})}
    >
      <Combobox
        className={styles.box}
        // One types here, and the list opens by itself.
        expandIcon={null}
        open={isOpen}
        onOpenChange={(_, { open }) => setOpen(open)}
        freeform
        value={typed}
        placeholder={text("team.search")}
        onChange={({ target }) => {
          setTyped(target.value);
          setOpen(true);
          setPicked(undefined);
          pick(undefined);
        }}
        onOptionSelect={(_, { optionValue, optionText }) => {
          setPicked(optionValue);
          setTyped(optionText ?? "");
          pick(offered.find((one) => one.id === optionValue));
        }}
        selectedOptions={picked ? [picked] : []}
      >
        {offered.map((one) => (
          <Option key={one.id} value={one.id} text={one.displayName}>
            {one.displayName} {one.jobTitle ? `· ${one.jobTitle}` : ""}
          </Option>
        ))}
      </Combobox>
    </Field>
  );
}
