import { useEffect } from "react";
import { type List, useList } from "../../../api/queries";

/** A list with all its pages: where what is missing would be taken for what is not there. */
export function useWhole<T>(path: string, isEnabled = true): List<T> {
  const list = useList<T>(path, { isEnabled });
  const { hasMore, isLoadingMore, more } = list;
  useEffect(() => {
    if (hasMore && !isLoadingMore) more();
  }, [hasMore, isLoadingMore, more]);
  return list;
}
