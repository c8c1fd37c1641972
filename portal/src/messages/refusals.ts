import { dateTime } from "../format/times";
import { currentLanguage } from "./language";
import type { Text } from "./useText";

/** What the API calls by numbers that nobody reads: a request, an assignment. */
const NUMBERED = new Set(["duplicateRequest", "alreadyAssigned"]);

/** The API's times are in UTC; whoever reads has a zone. */
const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** The same words with times as whoever reads writes them. */
export const inZone = (message: string): string => message.replace(INSTANT, dateTime);

/**
 * What the API refused, for whoever reads it. The API speaks English and knows the particulars; in other languages its code is
 * put in words, and its own words follow only where the code alone would not say what is in the way.
 */
export function inWords({ code, message }: { code: string; message: string }, text: Text): string {
  const known = text.word("refusal", code);
  const said = inZone(message);
  if (known === code || (currentLanguage() === "en" && !NUMBERED.has(code))) return said;
  return known.replace("{message}", () => said);
}
