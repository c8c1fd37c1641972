import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useEffect, useRef } from "react";
import { NoConnection, Refusal } from "../api/http";
import { isSignedOut } from "../api/queries";
import { inWords } from "../messages/refusals";
import { type Text, useText } from "../messages/useText";

interface Props {
  error: Error | null;
  again?: () => void;
}

/** The same in a line, where there is no room for more. */
export function reasonOf(error: Error, text: Text): string {
  if (error instanceof NoConnection) return text("offline.title");
  if (isSignedOut(error)) return text("signIn.again");
  return words(error, text);
}

/** The server's words; where something before it answered in its place, ours. */
function words(error: Error, text: Text): string {
  if (!(error instanceof Refusal)) return text("broken");
  return error.isWordless ? text("failed.about", { code: error.code }) : inWords(error, text);
}

/**
 * What went wrong, in the API's own words where it has some. What cannot be tried again from here answers what was just done
 * elsewhere on the page: whoever did it is brought to it.
 */
export function Problem({ error, again }: Props) {
  const text = useText();
  const bar = useRef<HTMLDivElement>(null);
  const isAnswer = again === undefined;
  useEffect(() => {
    if (error && isAnswer) bar.current?.scrollIntoView({ block: "nearest" });
  }, [error, isAnswer]);
  const isOver = isSignedOut(error);
  if (!error) return null;
  const isAway = error instanceof NoConnection;
  const isFault = error instanceof Refusal && error.status >= 500;
  const title = isAway ? text("offline.title") : isOver ? text("signIn.over") : text(isFault ? "failed" : "refused");
  const says = isAway ? text(again ? "offline.body" : "offline.unsent") : isOver ? text("signIn.again") : words(error, text);
  return (
    <div ref={bar}>
      <MessageBar intent={isAway ? "warning" : "error"} layout="multiline" politeness="assertive">
        <MessageBarBody>
          <MessageBarTitle>{title}</MessageBarTitle>
          {says}
        </MessageBarBody>
        {isOver && (
          <MessageBarActions>
            {/* Elsewhere, so that what was typed here stays. */}
            <Button as="a" href="/" target="_blank" rel="opener">
              {text("signIn.do")}
            </Button>
          </MessageBarActions>
        )}
        {again && !isOver && (
          <MessageBarActions>
            <Button onClick={again}>{text("again")}</Button>
          </MessageBarActions>
        )}
      </MessageBar>
    </div>
  );
}
