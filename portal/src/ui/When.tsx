import { Tooltip } from "@fluentui/react-components";
import { dateTime, day, relative } from "../format/times";
import { useText } from "../messages/useText";

/** An instant, short where one reads, whole with its zone where one asks. */
export function When({ at, style = "relative" }: { at: string; style?: "relative" | "day" | "whole" }) {
  useText();
  const shown = { relative, day, whole: dateTime }[style](at);
  const time = <time dateTime={at}>{shown}</time>;
  if (style === "whole") return time;
  return (
    <Tooltip content={dateTime(at)} relationship="description">
      {time}
    </Tooltip>
  );
}
