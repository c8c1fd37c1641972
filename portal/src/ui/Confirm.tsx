import { Field, Textarea } from "@fluentui/react-components";
import { type ReactNode, useState } from "react";
import { useText } from "../messages/useText";
import { Question } from "./Question";
import { useTyped } from "./useUnsaved";

interface Props {
  title: string;
  about: ReactNode;
  action: string;
  /** Ask for a reason: not at all, if one likes, or before anything is done. */
  reason?: "none" | "optional" | "required";
  act: (reason: string) => Promise<unknown>;
  /** Once it is done, and nothing that was typed is kept any longer. */
  after?: () => unknown;
  close: () => void;
}

/** Asks once more before something that hurts; a reason that was typed is not lost unasked. */
export function Confirm({ title, about, action, reason = "none", act, after, close }: Props) {
  const text = useText();
  const typed = useTyped(close);
  const [why, setWhy] = useState("");
  const isRequired = reason === "required";
  return (
    <>
      <Question
        title={title}
        about={about}
        action={action}
        isReady={!isRequired || why.trim() !== ""}
        act={async () => {
          await act(why.trim());
          typed.forget();
          await after?.();
        }}
        close={close}
        back={typed.close}
        onInput={typed.onInput}
      >
        {reason !== "none" && (
          <Field label={text("reason")} required={isRequired}>
            <Textarea value={why} onChange={(_, { value }) => setWhy(value)} resize="vertical" />
          </Field>
        )}
      </Question>
      {typed.question}
    </>
  );
}
