/**
 * Live updates: while the window is seen, the server says what of the reader's has changed, and that alone is asked anew.
 *
 * A window nobody sees does not listen: browsers allow few connections, and sessions end when nobody is there. When it is
 * seen again, the server says whether something was missed.
 */
import { type Query, QueryClient } from "@tanstack/react-query";
import { stream } from "./events";
import { NoConnection, Refusal } from "./http";
import { paths } from "./paths";

interface News {
  kinds: string[];
  requestIds: string[] | null;
}

const PAUSE = 1_000;
const LONG = 60_000;
const GROWS = 2;
const SIGNED_OUT = 401;

type Standing = "waiting" | "listening" | "lost";
let standing: Standing = "waiting";
const listeners = new Set<() => void>();

export const isListening = (): boolean => standing === "listening";
/** The server was not reached when it was tried last. */
export const isLost = (): boolean => standing === "lost";

export function onStanding(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function stand(now: Standing): void {
  if (now === standing) return;
  standing = now;
  listeners.forEach((listener) => listener());
}

/** Listen until told to stop. */
export function listen(client: QueryClient): () => void {
  let lastId: string | undefined;
  let open: AbortController | undefined;
  const begin = () => {
    if (document.visibilityState !== "visible" || open) return;
    open = new AbortController();
    void keepListening(open.signal);
  };
  const end = () => {
    open?.abort();
    open = undefined;
    stand("waiting");
  };
  const look = () => (document.visibilityState === "visible" ? begin() : end());
  const keepListening = async (stop: AbortSignal) => {
    for (let pause = PAUSE; !stop.aborted; ) {
      try {
        for await (const { event, id, data } of stream(paths.events(), lastId, stop)) {
          stand("listening");
          pause = PAUSE;
          lastId = id;
          if (event === "changed") void refresh(client, JSON.parse(data) as News);
        }
      } catch (error) {
        if (stop.aborted) return;
        if (error instanceof Refusal && error.status === SIGNED_OUT) return stand("waiting");
        stand(error instanceof NoConnection ? "lost" : "waiting");
        pause = error instanceof Refusal ? LONG : Math.min(pause * GROWS, LONG);
      }
      // Not all at once, when a server comes back.
      await rest(pause * (1 + Math.random()), stop);
    }
  };
  document.addEventListener("visibilitychange", look);
  addEventListener("online", look);
  begin();
  return () => {
    document.removeEventListener("visibilitychange", look);
    removeEventListener("online", look);
    end();
  };
}

function rest(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const waiting = setTimeout(resolve, milliseconds);
    stop.addEventListener("abort", () => (clearTimeout(waiting), resolve()), { once: true });
  });
}

function refresh(client: QueryClient, news: News): Promise<void> {
  return client.invalidateQueries({ predicate: (query) => news.kinds.some((kind) => isTouched(query, kind, news)) });
}

const OF: Record<string, RegExp> = {
  requests: /\/assignmentRequests|^\/api\/(requests|reports\/standings)/,
  assignments: /\/assignments|^\/api\/reports\/standings/,
  approvals: /accessPackageAssignmentApprovals|^\/api\/approvals\//,
  delegations: /^\/api\/approval-delegations/,
  team: /directReports|^\/api\/reports/,
  trail: /^\/api\/audit/,
};
const ONE_REQUEST = /(?:\/assignmentRequests|^\/api\/requests)\/([0-9a-f-]{36})/;

function isTouched({ queryKey }: Query, kind: string, { requestIds }: News): boolean {
  const path = queryKey[1];
  if (kind === "everything") return true;
  if (typeof path !== "string" || !OF[kind]?.test(path)) return false;
  const one = ONE_REQUEST.exec(path)?.[1];
  return one === undefined || requestIds === null || requestIds.includes(one);
}
