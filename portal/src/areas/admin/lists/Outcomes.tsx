import { makeStyles, ProgressBar, tokens } from "@fluentui/react-components";
import { CheckmarkCircleRegular, DismissCircleRegular, SubtractCircleRegular } from "@fluentui/react-icons";
import { Link } from "wouter";
import type { ManyItem } from "../../../api/manyShapes";
import { useText } from "../../../messages/useText";
import { WholeList } from "../../../ui/Listing";
import { Row } from "../../../ui/Row";
import { useLinkStyles } from "../../shared/RequestRow";

const useStyles = makeStyles({
  given: { color: tokens.colorStatusSuccessForeground1 },
  refused: { color: tokens.colorStatusDangerForeground1 },
});

/** What became of each line of a list; and how many are still to come. */
export function Outcomes({ items, names }: { items: ManyItem[]; names: string[] }) {
  const text = useText();
  const given = items.filter(({ isAccepted }) => isAccepted).length;
  const refused = items.filter(({ error }) => error !== null).length;
  const waiting = names.length - items.length;
  return (
    <>
      <div role="status">
        {text.count("many.given", given)} {text.count("many.refused", refused)} {waiting > 0 && text.count("many.waiting", waiting)}
      </div>
      {waiting > 0 && <ProgressBar value={items.length} max={names.length} aria-label={text("many.progress")} />}
      <WholeList label={text("many.outcomes")}>
        {items.map((one, place) => (
          <One key={place} item={one} />
        ))}
      </WholeList>
    </>
  );
}

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
