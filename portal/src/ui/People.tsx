import { Avatar, makeStyles, tokens } from "@fluentui/react-components";

const useStyles = makeStyles({
  line: { display: "flex", gap: "12px", alignItems: "center", minWidth: 0 },
  words: { display: "grid", minWidth: 0 },
  name: { fontWeight: tokens.fontWeightSemibold, overflowWrap: "anywhere" },
  about: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

export function Face({ name, size = 40 }: { name: string; size?: 24 | 28 | 32 | 40 | 48 | 64 }) {
  return <Avatar name={name} size={size} color="colorful" aria-hidden />;
}

export function PersonLine({ name, about }: { name: string; about?: string | null | undefined }) {
  const styles = useStyles();
  return (
    <span className={styles.line}>
      <Face name={name} size={32} />
      <span className={styles.words}>
        <span className={styles.name}>{name}</span>
        {about && <span className={styles.about}>{about}</span>}
      </span>
    </span>
  );
}
