import { makeStyles, ProgressBar, Tab, TabList, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular, DismissCircleRegular, SubtractCircleRegular } from "@fluentui/react-icons";
import { useState } from "react";
import { Link } from "wouter";
import type { ManyItem } from "../../../api/manyShapes";
import { useText } from "../../../messages/useText";
import { WholeList } from "../../../ui/Listing";
import { Problem } from "../../../ui/Problem";
import { Row } from "../../../ui/Row";
import { useLinkStyles } from "../../shared/RequestRow";

const useStyles = makeStyles({
  given: { color: tokens.colorStatusSuccessForeground1 },
  refused: { color: tokens.colorStatusDangerForeground1 },
});

interface Props {
  items: ManyItem[];
  names: string[];
  isSending: boolean;
  error: Error | null;
}

/** What became of each line of a list, and how many are still to come; when it stands still, what was refused comes first. */
export function Outcomes({ items, names, isSending, error }: Props) {
  const text = useText();
  const [chosen, setChosen] = useState<"all" | "refused">();
  const given = items.filter(({ isAccepted }) => isAccepted).length;
  const refused = items.filter(isRefused).length;
  const again = items.length - given - refused;
  const waiting = names.length - items.length;
  const hasBoth = refused > 0 && refused < items.length;
  const view = !hasBoth ? "all" : (chosen ?? (isSending ? "all" : "refused"));
  return (
    <>
      <div role="status">
        {text.count("many.given", given)} {text.count("many.refused", refused)} {again > 0 && text.count("many.again", again)}{" "}
        {waiting > 0 && text.count("many.waiting", waiting)}
      </div>
      {waiting > 0 && <ProgressBar value={items.length} max={names.length} aria-label={text("many.progress")} />}
      <Problem error={error} />
      {hasBoth && (
        <TabList size="small" appearance="subtle-circular" selectedValue={view} onTabSelect={(_, { value }) => setChosen(value as typeof view)}>
          <Tab value="refused">{text("many.refusedOnes", { count: refused })}</Tab>
          <Tab value="all">{text("many.all", { count: items.length })}</Tab>
        </TabList>
      )}
      <WholeList label={text("many.outcomes")}>
        {items.map((one, place) => (view === "all" || isRefused(one) ? <One key={place} item={one} /> : null))}
      </WholeList>
    </>
  );
}

export const isRefused = ({ error }: ManyItem): boolean => error !== null;

function One({ item }: { item: ManyItem }) {
  const styles = useStyles();
  const { link } = useLinkStyles();
  const text = useText();
  const { named, target, requestId, state, sameAs, error } = item;
  const name = target?.displayName ?? named;
  return (
    <Row
      lead={
        requestId ? (
          <CheckmarkCircleRegular fontSize={24} className={styles.given} aria-hidden />
        ) : error ? (
          <DismissCircleRegular fontSize={24} className={styles.refused} aria-hidden />
        ) : (
          <SubtractCircleRegular fontSize={24} aria-hidden />
        )
      }
      title={
        requestId ? (
          <Link to={`/requests/${requestId}`} className={link}>
            {name}
          </Link>
        ) : (
          name
        )
      }
      meta={[target && named !== name && named, sameAs ? text("many.sameAs", { name: sameAs }) : (error?.message ?? (state && text.word("state", state)))]}
    />
  );
}
