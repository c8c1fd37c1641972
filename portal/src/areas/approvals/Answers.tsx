import { makeStyles, tokens } from "@fluentui/react-components";
import { useId } from "react";
import { useText } from "../../messages/useText";
import { Problem } from "../../ui/Problem";
import { QuestionField } from "../shared/QuestionField";
import type { useAnswering } from "./useAnswering";

const useStyles = makeStyles({
  group: { display: "grid", gap: "12px" },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  about: { color: tokens.colorNeutralForeground2 },
});

interface Props {
  answering: ReturnType<typeof useAnswering>;
  /** Why the last try was refused. */
  error: Error | null;
}

/** What an approver may answer in the requestor's place: what was left blank, and what the policy lets them change. */
export function Answers({ answering, error }: Props) {
  const styles = useStyles();
  const text = useText();
  const id = useId();
  const { found, questions, values, give, refusedOf } = answering;
  if (found.error && !found.data) return <Problem error={found.error} again={() => void found.refetch()} />;
  if (questions.length === 0) return null;
  return (
    <div role="group" aria-labelledby={id} className={styles.group}>
      <h3 id={id} className={styles.title}>
        {text("approvals.answers")}
      </h3>
      <span className={styles.about}>{text("approvals.answersAbout")}</span>
      {questions.map((one) => (
        <QuestionField key={one.id} question={one} values={values(one)} give={(chosen) => give(one, chosen)} complaint={refusedOf(one, error)} />
      ))}
    </div>
  );
}
