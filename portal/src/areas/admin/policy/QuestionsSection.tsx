import { Button } from "@fluentui/react-components";
import { AddRegular } from "@fluentui/react-icons";
import type { WrittenQuestion } from "../../../api/adminShapes";
import { useText } from "../../../messages/useText";
import type { Editing } from "./draft";
import { QuestionFields } from "./QuestionFields";
import { newQuestion, numbered } from "./questions";
import { Section } from "./Section";

/** What whoever asks has to answer. */
export function QuestionsSection({ editing }: { editing: Editing }) {
  const text = useText();
  const { questions } = editing.policy;
  const give = (changed: WrittenQuestion[]) => editing.change({ questions: changed });
  const move = (from: number, to: number) => {
    const others = questions.filter((_, place) => place !== from);
    const moved = questions[from];
    if (moved) give(numbered([...others.slice(0, to), moved, ...others.slice(to)]));
  };
  return (
    <Section title={text("admin.policy.questions")} about={text("admin.policy.questionsAbout")}>
      {questions.map((question, place) => (
        <QuestionFields
          key={question.id ?? `new ${place}`}
          editing={editing}
          question={question}
          place={place}
          change={(changed) => give(questions.map((one, other) => (other === place ? changed : one)))}
          remove={() => give(numbered(questions.filter((_, other) => other !== place)))}
          {...(place > 0 ? { up: () => move(place, place - 1) } : {})}
          {...(place < questions.length - 1 ? { down: () => move(place, place + 1) } : {})}
        />
      ))}
      <div>
        <Button icon={<AddRegular />} onClick={() => give(numbered([...questions, newQuestion(questions.length)]))}>
          {text("admin.policy.addQuestion")}
        </Button>
      </div>
    </Section>
  );
}
