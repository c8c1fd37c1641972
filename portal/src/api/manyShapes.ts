/** What the API answers when many are assigned a package at once: what became of each. */
import type { Party } from "./shapes";

export interface ManyItem {
  named: string;
  target: Party | null;
  isAccepted: boolean;
  requestId: string | null;
  state: string | null;
  /** How the same person was named before, if they were. */
  sameAs: string | null;
  error: { code: string; message: string } | null;
}

export interface ManyAnswer {
  accepted: number;
  refused: number;
  items: ManyItem[];
}
