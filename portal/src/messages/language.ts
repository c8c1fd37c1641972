/** Which language the portal speaks: what was chosen, else what the browser asks for, else English. */
import en from "./en.json";

export type Messages = typeof en;
export type Key = keyof Messages;
export type Counted = Key extends infer K ? (K extends `${infer Base}.other` ? Base : never) : never;
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const CHOSEN = "grantline.language";
const listeners = new Set<() => void>();
let messages: Messages = en;
let language: Language = "en";

export const currentLanguage = (): Language => language;
/** The language with the reader's own region, if they have one: dates are written differently in London and in Boston. */
export const currentLocale = (): string => navigator.languages.find((tag) => tag.slice(0, 2) === language) ?? language;
export const currentMessages = (): Messages => messages;

export function onLanguageChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export async function speak(wanted: Language): Promise<void> {
  // Only who reads German loads German.
  messages = wanted === "de" ? ((await import("./de.json")).default as Messages) : en;
  language = wanted;
  document.documentElement.lang = wanted;
  listeners.forEach((listener) => listener());
}

export function choose(wanted: Language): Promise<void> {
  localStorage.setItem(CHOSEN, wanted);
  return speak(wanted);
}

export function preferred(): Language {
  const wanted = [localStorage.getItem(CHOSEN), ...navigator.languages];
  const found = wanted.map((tag) => tag?.slice(0, 2)).find((tag) => tag !== undefined && tag in LANGUAGES);
  return (found as Language | undefined) ?? "en";
}
