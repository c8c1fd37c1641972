/** ISO 8601 durations as a number of one unit, which is how people set them. */
export const UNITS = ["days", "hours", "minutes", "seconds"] as const;
export type Unit = (typeof UNITS)[number];

const SECONDS: Record<Unit, number> = { days: 86_400, hours: 3_600, minutes: 60, seconds: 1 };
const WRITTEN = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/** The length of a duration as the API writes it; nothing where it is not one, or has fractions. */
export function seconds(iso: string | null): number | undefined {
  const found = WRITTEN.exec(iso ?? "");
  if (!found) return undefined;
  return UNITS.reduce((sum, unit, place) => sum + Number(found[place + 1] ?? 0) * SECONDS[unit], 0);
}

/** The largest unit of which it is a whole number: 36 hours, not a day and a half. */
export function counted(iso: string | null): { count: string; unit: Unit } {
  const whole = seconds(iso);
  if (!whole) return { count: "", unit: "days" };
  const unit = UNITS.find((one) => whole % SECONDS[one] === 0) ?? "seconds";
  return { count: String(whole / SECONDS[unit]), unit };
}

/** The duration that was typed; empty where it is none. */
export function written(count: string, unit: Unit): string {
  if (!/^\d+$/.test(count.trim()) || Number(count) === 0) return "";
  return unit === "days" ? `P${Number(count)}D` : `PT${Number(count)}${unit.slice(0, 1).toUpperCase()}`;
}
