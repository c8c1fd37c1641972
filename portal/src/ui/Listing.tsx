import { Button, makeStyles, Skeleton, SkeletonItem, Spinner, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import type { List } from "../api/queries";
import { useText } from "../messages/useText";
import { Problem } from "./Problem";

const useStyles = makeStyles({
  list: {
    listStyleType: "none",
    margin: 0,
    padding: 0,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow4,
  },
  empty: {
    display: "grid",
    justifyItems: "center",
    gap: "8px",
    padding: "48px 24px",
    textAlign: "center",
    color: tokens.colorNeutralForeground2,
    backgroundColor: tokens.colorNeutralBackground1,
    borderRadius: tokens.borderRadiusXLarge,
    boxShadow: tokens.shadow4,
  },
  icon: { fontSize: "40px", color: tokens.colorNeutralForeground4, lineHeight: 1 },
  strong: { fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground1, fontSize: tokens.fontSizeBase400 },
  ghost: { display: "grid", gridTemplateColumns: "40px 1fr 96px", gap: "16px", alignItems: "center", padding: "16px 20px" },
  lines: { display: "grid", gap: "8px" },
  more: { justifySelf: "center", alignSelf: "center" },
});

interface Empty {
  icon: ReactNode;
  title: string;
  about?: string | undefined;
  action?: ReactNode;
}

interface Props<T> {
  list: List<T>;
  label: string;
  empty: Empty;
  children: (item: T) => ReactNode;
}

/** A list in each of its states: on its way, not to be had, empty, there, and longer than shown. */
export function Listing<T>({ list, label, empty, children }: Props<T>) {
  const styles = useStyles();
  const text = useText();
  if (list.isLoading) return <Ghost />;
  if (list.error && list.items.length === 0) return <Problem error={list.error} again={list.again} />;
  if (list.items.length === 0) return <Nothing {...empty} />;
  return (
    <>
      {list.error && <Problem error={list.error} again={list.again} />}
      <WholeList label={label}>{list.items.map(children)}</WholeList>
      {list.hasMore && (
        <Button
          className={styles.more}
          onClick={list.more}
          disabledFocusable={list.isLoadingMore}
          icon={list.isLoadingMore ? <Spinner size="tiny" /> : null}
        >
          {text("list.more")}
        </Button>
      )}
    </>
  );
}

/** The list alone, of what came whole with something else. */
export function WholeList({ label, children }: { label: string; children: ReactNode }) {
  const styles = useStyles();
  return (
    <ul className={styles.list} aria-label={label}>
      {children}
    </ul>
  );
}

export function Nothing({ icon, title, about, action }: Empty) {
  const styles = useStyles();
  return (
    <div className={styles.empty}>
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      <span className={styles.strong}>{title}</span>
      {about && <span>{about}</span>}
      {action}
    </div>
  );
}

export function Ghost({ rows = 4 }: { rows?: number }) {
  const styles = useStyles();
  const text = useText();
  return (
    <Skeleton aria-label={text("loading")} className={styles.list}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={styles.ghost}>
          <SkeletonItem shape="circle" size={40} />
          <div className={styles.lines}>
            <SkeletonItem size={16} />
            <SkeletonItem size={12} />
          </div>
          <SkeletonItem size={24} />
        </div>
      ))}
    </Skeleton>
  );
}
