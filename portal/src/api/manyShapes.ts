/** What the API answers when many are assigned a package at once: what became of each. */
import type { BulkLineOut } from "./generated";

/** `sameAs` is how the same person was named before, if they were. */
export type ManyItem = BulkLineOut;
