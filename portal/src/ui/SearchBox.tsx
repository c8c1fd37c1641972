import { makeStyles, SearchBox as Box } from "@fluentui/react-components";
import { useEffect, useState } from "react";

const useStyles = makeStyles({ box: { width: "320px", maxWidth: "100%", "@media (max-width: 720px)": { width: "100%" } } });
const PAUSE = 250;

/** A search that asks when the typing pauses. */
export function SearchBox({ label, search }: { label: string; search: (wanted: string) => void }) {
  const styles = useStyles();
  const [typed, setTyped] = useState("");
  useEffect(() => {
    const waiting = setTimeout(() => search(typed.trim()), PAUSE);
    return () => clearTimeout(waiting);
  }, [typed, search]);
  return (
    <Box className={styles.box} aria-label={label} placeholder={label} value={typed} onChange={(_, { value }) => setTyped(value)} />
  );
}
