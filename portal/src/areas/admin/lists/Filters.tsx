import { Field, makeStyles, Select } from "@fluentui/react-components";
import { adminPaths } from "../../../api/adminPaths";
import { paths } from "../../../api/paths";
import type { Package, Person } from "../../../api/shapes";
import { useText } from "../../../messages/useText";
import { Finder } from "../../shared/Finder";
import { useChosenNames, type useFilters } from "./useFilters";

const useStyles = makeStyles({
  filters: { display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(min(240px, 100%), 1fr))", gap: "12px 16px", alignItems: "start" },
});

interface Props {
  filters: ReturnType<typeof useFilters>;
  /** The states there are; without them, none is asked for. */
  states?: string[];
}

/** By state, by person, by package. */
export function Filters({ filters, states }: Props) {
  const styles = useStyles();
  const text = useText();
  const names = useChosenNames(filters);
  return (
    <div className={styles.filters} role="group" aria-label={text("admin.filters")}>
      {states && (
        <Field label={text("admin.state")}>
          <Select value={filters.state} onChange={(_, { value }) => filters.choose("state", value)}>
            <option value="">{text("admin.any")}</option>
            {states.map((one) => (
              <option key={one} value={one}>
                {text.word("state", one)}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Finder<Person>
        label={text("admin.person")}
        among={paths.people}
        about={(one) => one.jobTitle}
        chosen={names.person}
        choose={(one) => filters.choose("person", one?.id)}
      />
      <Finder<Package>
        label={text("admin.package.one")}
        among={adminPaths.packagesNamed}
        about={(one) => one.catalog?.displayName}
        chosen={names.package}
        choose={(one) => filters.choose("package", one?.id)}
      />
    </div>
  );
}
