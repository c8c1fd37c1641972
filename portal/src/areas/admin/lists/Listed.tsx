import { Button, Field, makeStyles, Textarea, tokens } from "@fluentui/react-components";
import { DocumentArrowUpRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState } from "react";
import { paths } from "../../../api/paths";
import type { Person } from "../../../api/shapes";
import { useText } from "../../../messages/useText";
import type { Complaint } from "../../shared/complaints";
import { Finder } from "../../shared/Finder";
import { linesOf, namesIn } from "./listed";

/** No list of names is larger; a file that is, is something else. */
const LARGEST_FILE = 5_000_000;

const useStyles = makeStyles({
  list: { fontFamily: tokens.fontFamilyMonospace },
  file: { display: "flex", flexWrap: "wrap", gap: "4px 12px", alignItems: "center" },
  hidden: { display: "none" },
});

interface Props {
  list: string;
  change: (list: string) => void;
  count: number;
  complaint: Complaint;
}

/** A list of people: picked one after the other, pasted, or from a file; in the end it is lines that one sees and can change. */
export function Listed({ list, change, count, complaint }: Props) {
  const styles = useStyles();
  const text = useText();
  const input = useRef<HTMLInputElement>(null);
  const [read, setRead] = useState<string>();
  const [picked, setPicked] = useState(0);
  const picker = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (picked > 0) picker.current?.querySelector("input")?.focus();
  }, [picked]);
  const add = (names: string[]) => change([...linesOf(list), ...names].join("\n"));
  const take = async (file: File) => {
    if (file.size > LARGEST_FILE) return setRead(text("many.tooLarge", { name: file.name }));
    const names = namesIn(await file.text());
    add(names);
    return setRead(text.count("many.read", names.length, { name: file.name }));
  };
  return (
    <>
      <div ref={picker}>
        <Finder<Person>
          // Whom one has picked is in the list; the field is for the next.
          key={picked}
          label={text("many.pick")}
          among={paths.people}
          about={(one) => one.jobTitle}
          chosen={undefined}
          choose={(one) => {
            if (!one) return;
            add([one.userPrincipalName]);
            setPicked(picked + 1);
          }}
        />
      </div>
      <Field
        label={text("many.list")}
        required
        hint={count > 0 ? text.count("many.lines", count) : text("many.listHint")}
        {...complaint}
      >
        <Textarea
          textarea={{ className: styles.list, spellCheck: false, autoComplete: "off" }}
          rows={6}
          value={list}
          resize="vertical"
          onChange={(_, { value }) => change(value)}
        />
      </Field>
      <div className={styles.file}>
        <input
          ref={input}
          type="file"
          accept=".csv,.txt,text/csv,text/plain"
          className={styles.hidden}
          aria-label={text("many.file")}
          onChange={({ target }) => {
            const file = target.files?.[0];
            if (file) void take(file);
            // The same file can be chosen again after it was changed.
            target.value = "";
          }}
        />
        <Button icon={<DocumentArrowUpRegular />} onClick={() => input.current?.click()}>
          {text("many.file")}
        </Button>
        <span role="status">{read}</span>
      </div>
    </>
  );
}
