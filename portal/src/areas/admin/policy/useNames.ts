import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { adminPaths } from "../../../api/adminPaths";
import { call } from "../../../api/http";
import type { Names } from "./subjects";

/** The names of people and groups by their ids: those that were asked for, and those learnt when somebody was picked. */
export function useNames(ids: string[]): { names: Names; learn: (id: string, name: string) => void } {
  const [learnt, setLearnt] = useState<Names>(new Map());
  const found = useQuery({
    queryKey: ["names", ids],
    enabled: ids.length > 0,
    staleTime: 60_000,
    queryFn: ({ signal }) => call("POST", adminPaths.byIds(), { body: { ids }, signal }),
  });
  const learn = useCallback((id: string, name: string) => setLearnt((before) => new Map(before).set(id, name)), []);
  const names = useMemo(
    () => new Map([...(found.data?.value ?? []).map((one) => [one.id, one.displayName] as const), ...learnt]),
    [found.data, learnt],
  );
  return { names, learn };
}
