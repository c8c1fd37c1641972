import { Button, MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle, Spinner } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "../../api/http";
import { paths } from "../../api/paths";
import type { ChainPart } from "../../api/shapes";
import { currentLocale } from "../../messages/language";
import { useText } from "../../messages/useText";
import { Problem } from "../../ui/Problem";

/** Whether anybody has rewritten the trail: the chain is followed to its end, a part at a time, when one asks. */
export function Chain() {
  const text = useText();
  const [count, setCount] = useState(0);
  const following = useMutation({
    mutationFn: async () => {
      let part: ChainPart;
      let after: number | null = 0;
      do {
        part = await call("GET", paths.chain(after));
        setCount(part.lastNumber);
        after = part.next;
      } while (after !== null && part.isWhole);
      return part;
    },
  });
  const number = new Intl.NumberFormat(currentLocale()).format(count);
  const found = following.data;
  if (following.error) return <Problem error={following.error} again={() => following.mutate()} />;
  const says = following.isPending
    ? text("audit.checking", { number })
    : found === undefined
      ? text("audit.chainAbout")
      : found.isWhole
        ? text("audit.whole", { number })
        : text("audit.broken", { fault: found.fault ?? "" });
  const intent = found === undefined || following.isPending ? "info" : found.isWhole ? "success" : "error";
  return (
    <MessageBar intent={intent}>
      <MessageBarBody>
        <MessageBarTitle>{text("audit.chain")}</MessageBarTitle>
        {says}
      </MessageBarBody>
      <MessageBarActions>
        <Button
          disabledFocusable={following.isPending}
          icon={following.isPending ? <Spinner size="tiny" /> : null}
          onClick={() => !following.isPending && following.mutate()}
        >
          {text("audit.check")}
        </Button>
      </MessageBarActions>
    </MessageBar>
  );
}
