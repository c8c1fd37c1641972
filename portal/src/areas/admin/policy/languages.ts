/** The wordings of a question, and of what one can choose, in other languages; each by its code, in whatever case. */
import type { Localization, WrittenQuestion } from "../../../api/adminShapes";
import { currentLocale } from "../../../messages/language";

const COMMON = "ar bg cs da de el en es et fi fr he hr hu it ja ko lt lv nb nl pl pt ro ru sk sl sr sv tr uk zh".split(" ");

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** What a language is called in the reader's. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(currentLocale(), { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** The languages that a question is worded in besides its own. */
export function languagesOf({ localizations = [], choices = [] }: WrittenQuestion): string[] {
  const codes = [...localizations, ...choices.flatMap((choice) => choice.localizations ?? [])].map(({ languageCode }) => languageCode);
  return codes.filter((code, place) => codes.findIndex((one) => isSame(one, code)) === place);
}

/** Those that can still be added, by name. */
export function languagesLeft(question: WrittenQuestion): string[] {
  const taken = languagesOf(question);
  const left = COMMON.filter((code) => !taken.some((one) => isSame(one, code)));
  return left.sort((one, other) => languageName(one).localeCompare(languageName(other), currentLocale()));
}

export function worded(wordings: Localization[] = [], code: string): string {
  return wordings.find(({ languageCode }) => isSame(languageCode, code))?.text ?? "";
}

export function reworded(wordings: Localization[] = [], code: string, text: string): Localization[] {
  const isThere = wordings.some(({ languageCode }) => isSame(languageCode, code));
  return isThere
    ? wordings.map((one) => (isSame(one.languageCode, code) ? { ...one, text } : one))
    : [...wordings, { languageCode: code, text }];
}

/** Take a language away, from the question and from all of its choices. */
export function withoutLanguage(question: WrittenQuestion, code: string): WrittenQuestion {
  const left = (wordings: Localization[] = []) => wordings.filter(({ languageCode }) => !isSame(languageCode, code));
  const choices = question.choices?.map((choice) => ({ ...choice, localizations: left(choice.localizations) }));
  return { ...question, localizations: left(question.localizations), ...(choices ? { choices } : {}) };
}

/** Leave out the wordings of choices that nobody wrote; whoever reads that language sees the first wording. */
export function written(question: WrittenQuestion): WrittenQuestion {
  const choices = question.choices?.map((choice) => ({
    ...choice,
    ...(choice.localizations ? { localizations: choice.localizations.filter(({ text }) => text.trim()) } : {}),
  }));
  return choices ? { ...question, choices } : question;
}
