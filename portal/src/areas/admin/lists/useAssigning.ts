import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import type { ManyAnswer, ManyItem } from "../../../api/manyShapes";
import { useRefresh } from "../../../api/queries";
import { useKeys } from "../parts/useKeys";

/** Each is judged in turn; so many at a time, and somebody sees it go on. */
const AT_ONCE = 40;

/** Sends a list piece by piece, and keeps what became of each; after an interruption it goes on where it was. */
export function useAssigning() {
  const keyOf = useKeys();
  const refresh = useRefresh();
  const [items, setItems] = useState<ManyItem[]>([]);
  const sending = useMutation({
    mutationFn: async ({ names, about }: { names: string[]; about: object }) => {
      for (let done = items.length; done < names.length; ) {
        const body = { ...about, targetNames: names.slice(done, done + AT_ONCE) };
        const answer = await call<ManyAnswer>("POST", adminPaths.assignMany(), { body, idempotencyKey: keyOf([done, body]) });
        setItems((before) => [...before, ...answer.items]);
        done += body.targetNames.length;
      }
    },
    onSettled: refresh,
  });
  return { items, sending };
}
