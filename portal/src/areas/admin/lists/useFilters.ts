import { useSearchParams } from "wouter";
import { adminPaths } from "../../../api/adminPaths";
import { useOne } from "../../../api/queries";

export type Filter = "state" | "person" | "package";

/** What a list is narrowed to. It stands in the page's address, so that it can be kept and passed on. */
export function useFilters() {
  const [found, setFound] = useSearchParams();
  const value = (name: Filter) => found.get(name) ?? "";
  const choose = (name: Filter, wanted: string | undefined) =>
    setFound(
      (before) => {
        const after = new URLSearchParams(before);
        if (wanted) after.set(name, wanted);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  return { state: value("state"), person: value("person"), package: value("package"), choose };
}

/** The names behind the ids in the address. */
export function useChosenNames(filters: { person: string; package: string }) {
  const person = useOne(filters.person ? adminPaths.person(filters.person) : null);
  const offered = useOne(filters.package ? adminPaths.plainPackage(filters.package) : null);
  return {
    person: filters.person ? person.data?.displayName : undefined,
    package: filters.package ? offered.data?.displayName : undefined,
  };
}

/** Write a filter as the API takes it; what is empty does not count. */
export function allOf(...conditions: (string | false)[]): string {
  return conditions.filter(Boolean).join(" and ");
}

export const is = (field: string, value: string) => value !== "" && `${field} eq '${value.replaceAll("'", "''")}'`;
