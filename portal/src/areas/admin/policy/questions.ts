/** The kinds of question there are, and how one becomes another. */
import type { WrittenQuestion } from "../../../api/adminShapes";

const TEXT = "#microsoft.graph.accessPackageTextInputQuestion";
const CHOICE = "#microsoft.graph.accessPackageMultipleChoiceQuestion";
export const KINDS = ["short", "long", "choice"] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(question: WrittenQuestion): Kind {
  if (question.choices) return "choice";
  return question.isSingleLineQuestion ? "short" : "long";
}

export function newQuestion(sequence: number): WrittenQuestion {
  return {
    "@odata.type": TEXT,
    sequence,
    text: "",
    isRequired: true,
    isAnswerEditable: false,
    isSingleLineQuestion: true,
    regexPattern: null,
  };
}

/** Make it a question of another kind; what both kinds have stays, and so do the wordings in other languages. */
export function turned(question: WrittenQuestion, kind: Kind): WrittenQuestion {
  const { choices, isMultipleSelectionAllowed, isSingleLineQuestion, regexPattern, ...common } = question;
  if (kind === "choice") {
    return {
      ...common,
      "@odata.type": CHOICE,
      choices: choices ?? [{ text: "" }, { text: "" }],
      isMultipleSelectionAllowed: isMultipleSelectionAllowed ?? false,
    };
  }
  return { ...common, "@odata.type": TEXT, isSingleLineQuestion: kind === "short", regexPattern: regexPattern ?? null };
}

/** Number them as they stand, where they were moved, added or taken away. */
export function numbered(questions: WrittenQuestion[]): WrittenQuestion[] {
  return questions.map((question, sequence) => ({ ...question, sequence }));
}
