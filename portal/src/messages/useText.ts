import { useMemo, useSyncExternalStore } from "react";
import { type Counted, currentLanguage, currentMessages, type Key, onLanguageChange } from "./language";

type Values = Record<string, string | number>;

export interface Text {
  (key: Key, values?: Values): string;
  /** The form that fits the number; `{count}` in it is the number. */
  count: (key: Counted, count: number, values?: Values) => string;
  /** The text of a word of the API's, or the word itself where there is none. */
  word: (prefix: string, word: string) => string;
}

export function useText(): Text {
  const messages = useSyncExternalStore(onLanguageChange, currentMessages);
  return useMemo(() => {
    const text = ((key, values) => fill(messages[key], values)) as Text;
    text.count = (key, count, values) => {
      const form = new Intl.PluralRules(currentLanguage()).select(count) === "one" ? "one" : "other";
      return fill(messages[`${key}.${form}` as Key], { count, ...values });
    };
    text.word = (prefix, word) => messages[`${prefix}.${word}` as Key] ?? word;
    return text;
  }, [messages]);
}

function fill(message: string, values: Values = {}): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
