/** Instants and durations as the reader says them: in their language, in their zone, with the zone shown. */
import { currentLocale } from "../messages/language";

const MINUTE = 60;
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 24 * 60 * MINUTE],
  ["month", 30 * 24 * 60 * MINUTE],
  ["day", 24 * 60 * MINUTE],
  ["hour", 60 * MINUTE],
  ["minute", MINUTE],
];
const NEARLY = 0.97;
const PARTS = ["years", "months", "weeks", "days", "hours", "minutes", "seconds"] as const;
type Seven = [number, number, number, number, number, number, number];
const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$/;

export function dateTime(instant: string): string {
  return new Intl.DateTimeFormat(currentLocale(), {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZoneName: "short",
  }).format(new Date(instant));
}

/** With the day of the week, for what is soon: "Tue, 1 Dec 2026, 17:00 CET". */
export function weekdayTime(instant: Date): string {
  const weekday = new Intl.DateTimeFormat(currentLocale(), { weekday: "short" }).format(instant);
  return `${weekday}, ${dateTime(instant.toISOString())}`;
}

export function day(instant: string): string {
  const options = { day: "numeric", month: "short", year: "numeric" } as const;
  return new Intl.DateTimeFormat(currentLocale(), options).format(new Date(instant));
}

/** "in 3 days", "2 hours ago". */
export function relative(instant: string, now = Date.now()): string {
  const seconds = (new Date(instant).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(currentLocale(), { numeric: "auto" });
  // A moment less than 14 days is 14 days to whoever reads; less than a minute ago, it is now.
  const [unit, size] = UNITS.find(([unit, size]) => Math.abs(seconds) >= size * (unit === "minute" ? 1 : NEARLY)) ?? ["minute", Infinity];
  return format.format(Math.round(seconds / size), unit);
}

/** An ISO 8601 duration in words: "180 days", "8 hours"; the API writes no other parts than these. */
export function duration(iso: string): string {
  const found = DURATION.exec(iso);
  if (!found) return iso;
  const words = PARTS.flatMap((part, place) => {
    const count = Number(found[place + 1] ?? 0);
    if (!count) return [];
    const unit = part.slice(0, -1);
    return [new Intl.NumberFormat(currentLocale(), { style: "unit", unit, unitDisplay: "long" }).format(count)];
  });
  return words.join(" ") || iso;
}

/** The instant that is an ISO 8601 duration later. */
export function after(instant: Date, iso: string): Date {
  const [years, months, weeks, days, hours, minutes, seconds] = PARTS.map((_, place) => Number(DURATION.exec(iso)?.[place + 1] ?? 0)) as Seven;
  const later = new Date(instant);
  later.setUTCFullYear(later.getUTCFullYear() + years, later.getUTCMonth() + months, later.getUTCDate() + weeks * 7 + days);
  return new Date(later.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1000);
}

/** "Bea, Bob or Omar"; of many, the first few and how many more there are. */
export function oneOf(names: string[], most = 4): string {
  const some = names.length > most ? [...names.slice(0, most), `+${names.length - most}`] : names;
  return new Intl.ListFormat(currentLocale(), { type: "disjunction" }).format(some);
}

/** "2 days and 4 hours": all of them. */
export function allOf(names: string[]): string {
  return new Intl.ListFormat(currentLocale(), { type: "conjunction" }).format(names);
}

export function zone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

export function daysUntil(instant: string): number {
  return (new Date(instant).getTime() - Date.now()) / 86_400_000;
}

/** The instant so many days from now. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString();
}

/** What a date-time field shows for an instant, in the reader's zone. */
export function fieldValue(instant: Date): string {
  const local = new Date(instant.getTime() - instant.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
