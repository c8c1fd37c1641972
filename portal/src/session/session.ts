/**
 * Who is signed in, and how requests say so. The one file that knows.
 *
 * The server keeps a session behind a cookie and says whose it is at /api/session;
 * requests that change something carry the token that belongs to it. Where nobody
 * signs in with a browser, a bearer token does, which this tab alone keeps.
 */
import type { SessionOut } from "../api/generated";

export interface Session {
  id: string;
  displayName: string;
  userPrincipalName: string;
  /** Whether managers see what their reports have; an administrator's switch. */
  seesReportsAccess: boolean;
  /** Whether a cookie holds the session, so that signing out must end it at the server. */
  isKept: boolean;
  /** What stands before a workflow's id in Temporal's UI, for administrators where it is known. */
  workflowsUrl: string | null;
}

/** Nobody is signed in: either the browser goes to `signInUrl`, or a token is asked for. */
export interface SignedOut {
  signInUrl: string | null;
}

const TOKEN = "grantline.token";
const SAFE = new Set(["GET", "HEAD"]);
let csrfToken: string | undefined;

/** Add to a request's headers what proves who is asking. */
export function authorise(headers: Headers, method: string): void {
  const token = sessionStorage.getItem(TOKEN);
  if (token) headers.set("Authorization", `Bearer ${token}`);
  else if (csrfToken && !SAFE.has(method)) headers.set("X-CSRF-Token", csrfToken);
}

/** Ask who is signed in. Fails only when the server cannot be reached. */
export async function current(): Promise<Session | SignedOut> {
  const headers = new Headers({ Accept: "application/json" });
  authorise(headers, "GET");
  const answer = await fetch("/api/session", { headers });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const told = (await answer.json()) as SessionOut;
  csrfToken = told.csrfToken;
  if (!told.signedIn || !told.id) {
    sessionStorage.removeItem(TOKEN);
    return { signInUrl: told.signInUrl ?? null };
  }
  return {
    id: told.id,
    displayName: told.displayName ?? "",
    userPrincipalName: told.userPrincipalName ?? "",
    seesReportsAccess: told.seesReportsAccess ?? false,
    isKept: told.csrfToken !== undefined,
    workflowsUrl: told.workflowsUrl ?? null,
  };
}

/** Keep a token for as long as the tab is open. */
export function keep(token: string): void {
  sessionStorage.setItem(TOKEN, token.trim().replace(/^Bearer\s+/i, ""));
}

/** Send the browser to where people sign in, and back to this page after. */
export function goToSignIn(signInUrl: string): void {
  const here = location.pathname + location.search;
  location.assign(`${signInUrl}?returnTo=${encodeURIComponent(here)}`);
}

/** Sign out here, and at the provider if there is one. */
export async function signOut(session: Session): Promise<void> {
  const headers = new Headers({ Accept: "application/json" });
  authorise(headers, "POST");
  sessionStorage.removeItem(TOKEN);
  let next = "/";
  if (session.isKept) {
    const answer = await fetch("/auth/logout", { method: "POST", headers });
    next = ((await answer.json()) as { signOutUrl?: string }).signOutUrl ?? "/";
  }
  location.assign(next);
}
