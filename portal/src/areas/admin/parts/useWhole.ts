import { useEffect } from "react";
import type { Reads } from "../../../api/path";
import { type List, type Part, useList } from "../../../api/queries";

/** A list with all its pages: where what is missing would be taken for what is not there. */
export function useWhole<T>(path: Reads<Part<T>>, isEnabled = true): List<T> {
  const list = useList(path, { isEnabled });
  const { hasMore, isLoadingMore, more } = list;
  useEffect(() => {
    if (hasMore && !isLoadingMore) more();
  }, [hasMore, isLoadingMore, more]);
  return list;
}
