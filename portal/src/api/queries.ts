/** What pages ask of the API, and again: when the server says that it changed, when the window comes back, now and then. */
import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Items, Value } from "./generated";
import { follow, NoConnection, Refusal } from "./http";
import { isListening } from "./live";
import type { Reads } from "./path";

const OFTEN = 30_000;
const SOON = 2_000;
const MOVING = new Set(["submitted", "delivering", "expiring"]);

/** What is on its way somewhere is asked about again soon, unless the server says so by itself; the rest now and then. */
function pause(items: unknown[]): number {
  if (isListening()) return OFTEN;
  const isMoving = (one: unknown) => {
    const { state, status } = one as { state?: string; status?: string };
    return (state !== undefined && MOVING.has(state)) || status === "Revoking";
  };
  return items.some(isMoving) ? SOON : OFTEN;
}

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      refetchOnReconnect: true,
      // The browser's word on being offline is not reliable; the failure of a request is.
      networkMode: "always",
      retry: (failures, error) => error instanceof NoConnection && failures < 2,
      retryDelay: 800,
    },
    mutations: { networkMode: "always", retry: false },
  },
});

/** A page of a list, in either of the API's two forms. */
export type Part<T> = Value<T> | Items<T>;

export interface List<T> {
  items: T[];
  isLoading: boolean;
  error: Error | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  more: () => void;
  again: () => void;
}

interface Options {
  isEnabled?: boolean;
}

/** A list, a page at a time, in either of the API's two forms. */
export function useList<T>(path: Reads<Part<T>>, { isEnabled = true }: Options = {}): List<T> {
  const found = useInfiniteQuery({
    queryKey: ["list", path],
    enabled: isEnabled,
    initialPageParam: path as string,
    queryFn: ({ pageParam, signal }) => follow<Part<T>>(pageParam, { signal }),
    getNextPageParam: (last, _, asked) => nextOf(last, asked),
    refetchInterval: ({ state }) => pause(state.data?.pages.flatMap(itemsOf) ?? []),
    placeholderData: keepPreviousData,
  });
  return {
    items: found.data?.pages.flatMap(itemsOf) ?? [],
    isLoading: found.isLoading,
    error: found.error,
    hasMore: found.hasNextPage,
    isLoadingMore: found.isFetchingNextPage,
    more: () => void found.fetchNextPage(),
    again: () => void found.refetch(),
  };
}

export function useOne<Read>(path: Reads<Read> | null) {
  return useQuery({
    queryKey: ["one", path],
    enabled: path !== null,
    queryFn: ({ signal }) => follow<Read>(path ?? "", { signal }),
    refetchInterval: ({ state }) => pause([state.data ?? {}]),
  });
}

/** Make everything on the screen true again after a change. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(() => client.invalidateQueries(), [client]);
}

export function isSignedOut(error: Error | null): boolean {
  return error instanceof Refusal && error.status === 401;
}

/** The same page less one of its items. */
export function without<T extends { id: string }>(page: Part<T>, id: string): Part<T> {
  const keep = (one: T) => one.id !== id;
  return "value" in page ? { ...page, value: page.value.filter(keep) } : { ...page, items: page.items.filter(keep) };
}

function itemsOf<T>(page: Part<T>): T[] {
  return "value" in page ? page.value : page.items;
}

function nextOf<T>(page: Part<T>, asked: string): string | undefined {
  if ("value" in page) {
    const next = page["@odata.nextLink"];
    if (!next) return undefined;
    // The link has the address the API knows itself by; the portal stays at its own.
    const url = new URL(next);
    return url.pathname + url.search;
  }
  if (!page.next) return undefined;
  const url = new URL(asked, location.origin);
  url.searchParams.set("after", page.next);
  return url.pathname + url.search;
}
