import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import type { BulkBody } from "../../../api/generated";
import { call } from "../../../api/http";
import type { ManyItem } from "../../../api/manyShapes";
import { useRefresh } from "../../../api/queries";
import { useKeys } from "../../../api/useKeys";

/** Each is judged in turn; so many at a time, and somebody sees it go on. */
const AT_ONCE = 40;

/**
 * Sends a list piece by piece, and keeps what became of each; after an interruption it goes on where it was. Each piece has
 * a key of its own: sent again, nobody gets anything twice. Whoever leaves has no more sent.
 */
export function useAssigning() {
  const keyOf = useKeys();
  const refresh = useRefresh();
  const [items, setItems] = useState<ManyItem[]>([]);
  const isThere = useRef(true);
  useEffect(() => {
    isThere.current = true;
    return () => {
      isThere.current = false;
    };
  }, []);
  const sending = useMutation({
    mutationFn: async ({ names, about }: { names: string[]; about: Omit<BulkBody, "targetNames"> }) => {
      for (let done = items.length; done < names.length && isThere.current; ) {
        const body = { ...about, targetNames: names.slice(done, done + AT_ONCE) };
        const answer = await call("POST", adminPaths.assignMany(), { body, idempotencyKey: keyOf([done, body]) });
        setItems((before) => [...before, ...answer.items.map((one) => told(one, before))]);
        done += body.targetNames.length;
      }
    },
    onSettled: refresh,
  });
  const clear = () => {
    setItems([]);
    sending.reset();
  };
  return { items, sending, clear };
}

/** Of one piece the API says who comes again. Who was in a piece before is refused; but the list does not ask for it twice. */
function told(one: ManyItem, before: ManyItem[]): ManyItem {
  const first = one.error && before.find(({ target }) => target !== null && target.id === one.target?.id);
  return first ? { ...one, sameAs: first.sameAs ?? first.named, error: null } : one;
}
