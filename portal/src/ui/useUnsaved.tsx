import { type FormEvent, type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useText } from "../messages/useText";
import { keep, letGo } from "./leaving";
import { Question } from "./Question";

interface Unsaved {
  /** Do this if nothing is lost by it, or if whoever typed says so. */
  leave: (go: () => void) => void;
  /** It is sent, or nowhere any longer: whatever leaves now is not asked about. */
  forget: () => void;
  /** The question while it is asked; it belongs somewhere on the page. */
  question: ReactNode;
}

/**
 * Keep what was typed: by whatever way one leaves, one is asked first. `discarded` is called when it may go, for what would
 * still be there on the next page.
 */
export function useUnsaved(isTyped: boolean, discarded?: () => void): Unsaved {
  const text = useText();
  const [going, setGoing] = useState<{ go: () => void }>();
  const forget = useRef<(() => void) | undefined>(undefined);
  useEffect(() => {
    if (!isTyped) return;
    const stop = keep((go) => setGoing({ go }));
    forget.current = () => {
      stop();
      forget.current = undefined;
    };
    return () => forget.current?.();
  }, [isTyped]);
  const question = going && (
    <Question
      title={text("unsaved.title")}
      about={text("unsaved.about")}
      action={text("unsaved.discard")}
      act={async () => {
        letGo();
        discarded?.();
        going.go();
      }}
      close={() => setGoing(undefined)}
    />
  );
  return {
    leave: (go) => (forget.current ? setGoing({ go }) : go()),
    forget: () => forget.current?.(),
    question,
  };
}

/** What is typed into a panel, and the ways to close it. */
export interface Typed {
  /** For the element around the fields. */
  onInput: (event: FormEvent) => void;
  /** Ask first, if something was typed. */
  close: () => void;
  /** It is sent: nothing is lost by closing. */
  forget: () => void;
  question: ReactNode;
}

export function useTyped(close: () => void, discarded?: () => void): Typed {
  const [isTyped, setTyped] = useState(false);
  const { leave, forget, question } = useUnsaved(isTyped, discarded);
  const onInput = useCallback(({ target }: FormEvent) => {
    const isText = target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && !CHOSEN.has(target.type));
    // What is typed to find somebody is not what the form keeps.
    if (isText && target.role !== "combobox") setTyped(true);
  }, []);
  const sent = () => {
    forget();
    setTyped(false);
  };
  return { onInput, close: () => leave(close), forget: sent, question };
}

/** What a click puts back is no typing. */
const CHOSEN = new Set(["checkbox", "radio", "range"]);
