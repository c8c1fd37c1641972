/** What stands in a line, with a dot between; none begins a line of its own when there is no room for all. */
export const inLine = (...parts: (string | null | undefined | false)[]): string => parts.filter(Boolean).join("\u00a0· ");
