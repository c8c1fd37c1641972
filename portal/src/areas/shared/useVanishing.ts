import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Reads } from "../../api/path";
import { type Part, without } from "../../api/queries";
import { useText } from "../../messages/useText";
import { useNotify } from "../../ui/Notices";
import { reasonOf } from "../../ui/Problem";

/** One of a list, and what the list is read from. */
export interface Place {
  path: Reads<Part<{ id: string }>>;
  id: string;
}

/**
 * Take something off its list at once, while the API is told. If it refuses, or is not reached, the row comes back and it is
 * said why. For what is nearly always granted and hurts nobody if it was not: no decision, and no access, goes this way.
 */
export function useVanishing(): (place: Place, act: () => Promise<unknown>, done: string) => Promise<void> {
  const text = useText();
  const notify = useNotify();
  const client = useQueryClient();
  return useCallback(
    async ({ path, id }, act, done) => {
      const queryKey = ["list", path];
      await client.cancelQueries({ queryKey });
      const before = client.getQueryData<InfiniteData<Part<{ id: string }>>>(queryKey);
      client.setQueryData(queryKey, before && { ...before, pages: before.pages.map((page) => without(page, id)) });
      try {
        await act();
        notify(done);
      } catch (error) {
        client.setQueryData(queryKey, before);
        notify(text("vanish.failed", { reason: reasonOf(error as Error, text) }), "error");
      }
      await client.invalidateQueries();
    },
    [client, notify, text],
  );
}
