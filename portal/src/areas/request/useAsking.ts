/** The request panel's knowledge: what may be asked for whom, what each package wants, what would become of it. */
import { useMutation, useQueries } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { call, NoConnection } from "../../api/http";
import { paths } from "../../api/paths";
import { isSignedOut, useList, useRefresh } from "../../api/queries";
import type { Package, Person, Rehearsal, Requirements } from "../../api/shapes";
import { useKeys } from "../../api/useKeys";
import { useSession } from "../../session/useSession";
import type { Beginning } from "./AskContext";
import { bodyOf, chosen, type Draft, type Item, pairs, rehearsed } from "./draft";

export interface Choice extends Package {
  /** Those among the chosen people who can get it. */
  for: string[];
}

export function useAsking(beginning: Beginning) {
  const session = useSession();
  const reports = useList(paths.reports());
  const [draft, setDraft] = useState<Draft>(() => begun(beginning));
  const change = (changes: Partial<Draft>) => setDraft((before) => ({ ...before, ...changes }));
  const people = draft.isForOthers ? draft.targetIds : [session.id];
  const { choices, isLoading, error } = useChoices(people);
  const possible = pairs(draft, session.id).filter((pair) =>
    choices.some((one) => one.id === pair.packageId && one.for.includes(pair.targetId)),
  );
  const { items, policies, isComplete } = useRequirements(draft, possible);
  const outcomes = useOutcomes(items, isComplete);
  const [names, setNames] = useState<Record<string, string>>(beginning.names ?? {});
  /** Remember what somebody further down the line is called. */
  const know = ({ id, displayName }: Person) => setNames((before) => ({ ...before, [id]: displayName }));
  const nameOf = (id: string) =>
    id === session.id ? session.displayName : (names[id] ?? reports.items.find((one) => one.id === id)?.displayName ?? id);
  return { draft, change, know, reports, choices, isLoading, error, items, policies, isComplete, outcomes, nameOf };
}

export type Asked = ReturnType<typeof useAsking>;

/** Send each request once; those that were refused or did not arrive can be sent again, the others stay sent. */
export function useSending() {
  const refresh = useRefresh();
  const keyOf = useKeys();
  const [sent, setSent] = useState<Record<string, string>>({});
  const [failures, setFailures] = useState<Record<string, Failure>>({});
  const sending = useMutation({
    mutationFn: async (items: Item[]) => {
      const done: Record<string, string> = {};
      const wrong: Record<string, Failure> = {};
      for (const item of items.filter((one) => !(one.key in sent))) {
        try {
          done[item.key] = (await call("POST", paths.submit(), { body: item.body, idempotencyKey: keyOf(item.body) })).id;
        } catch (error) {
          wrong[item.key] = { error: error as Error, told: JSON.stringify(item.body) };
          if (error instanceof NoConnection || isSignedOut(error as Error)) break;
        }
      }
      setSent((before) => ({ ...before, ...done }));
      setFailures(wrong);
      await refresh();
      return { count: Object.keys(done).length, isWhole: Object.keys(wrong).length === 0 };
    },
  });
  /** Why those did not arrive that are still as they were sent; what was changed since is another request. */
  const failedOf = (items: Item[]): Record<string, Error> =>
    Object.fromEntries(
      items.flatMap(({ key, body }) => {
        const failure = failures[key];
        return failure?.told === JSON.stringify(body) ? [[key, failure.error]] : [];
      }),
    );
  return { sending, sent, failedOf };
}

interface Failure {
  error: Error;
  /** What was sent. */
  told: string;
}

function begun({ targetIds = [], packageIds = [], isForOthers = false }: Beginning): Draft {
  return {
    isForOthers: isForOthers || targetIds.length > 0,
    targetIds,
    packageIds,
    policies: {},
    answers: {},
    justification: "",
    startsAt: "",
    endsAt: "",
  };
}

function useChoices(people: string[]) {
  const found = useQueries({
    queries: people.map((id) => ({
      queryKey: ["one", paths.packagesFor(id)],
      queryFn: () => call("GET", paths.packagesFor(id)),
    })),
  });
  const choices = new Map<string, Choice>();
  found.forEach(({ data }, place) => {
    for (const one of data?.items ?? []) {
      const known = choices.get(one.id) ?? { ...one, for: [] };
      known.for.push(people[place] ?? "");
      choices.set(one.id, known);
    }
  });
  return {
    choices: [...choices.values()].sort((a, b) => a.displayName.localeCompare(b.displayName)),
    isLoading: found.some((one) => one.isLoading),
    error: found.find((one) => one.error)?.error ?? null,
  };
}

function useRequirements(draft: Draft, possible: ReturnType<typeof pairs>) {
  const found = useQueries({
    queries: possible.map(({ packageId, targetId }) => ({
      queryKey: ["one", paths.requirements(packageId, targetId)],
      queryFn: () => call("GET", paths.requirements(packageId, targetId)),
      staleTime: 60_000,
    })),
  });
  const policies: Record<string, Requirements[]> = {};
  const items: Item[] = possible.map((pair, place) => {
    const open = found[place]?.data?.items ?? [];
    const known = policies[pair.packageId] ?? [];
    policies[pair.packageId] = [...known, ...open.filter((one) => known.every((other) => other.policyId !== one.policyId))];
    const requirements = chosen(draft, pair.packageId, open);
    return { ...pair, requirements, body: bodyOf(draft, pair, requirements) };
  });
  return { items, policies, isComplete: found.every((one) => !one.isLoading) };
}

function useOutcomes(items: Item[], isComplete: boolean) {
  const told = useMemo(() => JSON.stringify(items.map((one) => rehearsed(one.body))), [items]);
  // Typing goes first; what would become of it follows.
  const bodies = JSON.parse(useDeferredValue(told)) as ReturnType<typeof rehearsed>[];
  const found = useQueries({
    queries: bodies.map((body) => ({
      // Any reason is as good as another here: it is not judged, so each letter of it need not be asked about.
      queryKey: ["rehearsal", { ...body, justification: "" }],
      enabled: isComplete,
      queryFn: () => call("POST", paths.rehearse(), { body }),
      staleTime: 10_000,
    })),
  });
  const outcomes: Record<string, Rehearsal | Error> = {};
  bodies.forEach(({ assignment }, place) => {
    const told = found[place]?.data ?? found[place]?.error;
    if (told) outcomes[`${assignment.targetId} ${assignment.accessPackageId}`] = told;
  });
  return outcomes;
}
