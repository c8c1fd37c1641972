import { createContext, use } from "react";
import type { Session } from "./session";

export const SessionContext = createContext<Session | null>(null);

/** Who is signed in; pages are drawn for somebody only. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) throw new Error("a page was drawn for nobody (this is a bug)");
  return session;
}
