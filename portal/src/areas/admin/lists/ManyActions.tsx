import { Button, Spinner } from "@fluentui/react-components";
import { useText } from "../../../messages/useText";

interface Props {
  /** The form that is sent. */
  form: string;
  listed: number;
  /** How many of those it is told what became of them, and how many of these were refused. */
  told: number;
  refused: number;
  isReady: boolean;
  isSending: boolean;
  correct: () => void;
  close: () => void;
}

/** What one can do with a list: send it, go on where it was interrupted, correct what was refused, and leave. */
export function ManyActions({ form, listed, told, refused, isReady, isSending, correct, close }: Props) {
  const text = useText();
  const waiting = listed - told;
  const hasBegun = told > 0;
  const does = isSending
    ? text("many.doing")
    : hasBegun
      ? text.count("many.goOn", waiting)
      : listed > 0
        ? text.count("many.do", listed)
        : text("admin.assign.do");
  return (
    <>
      {(!hasBegun || waiting > 0) && (
        <Button appearance="primary" type="submit" form={form} disabledFocusable={!isReady} icon={isSending ? <Spinner size="tiny" /> : null}>
          {does}
        </Button>
      )}
      {hasBegun && waiting === 0 && refused > 0 && <Button onClick={correct}>{text.count("many.correct", refused)}</Button>}
      <Button onClick={close}>{text(hasBegun ? "close" : "cancel")}</Button>
    </>
  );
}
