import { Field, Select } from "@fluentui/react-components";
import type { Policy } from "../../../api/shapes";
import { useText } from "../../../messages/useText";
import type { Complaint } from "../../shared/complaints";

interface Props {
  policies: Policy[];
  chosen: string;
  choose: (id: string) => void;
  hint?: string | undefined;
  complaint: Complaint;
}

/** Under which of a package's policies it is given. */
export function PolicyChoice({ policies, chosen, choose, hint, complaint }: Props) {
  const text = useText();
  return (
    <Field label={text("admin.policy.one")} required {...(hint ? { hint } : {})} {...complaint}>
      <Select value={chosen} disabled={policies.length === 0} onChange={(_, { value }) => choose(value)}>
        {policies.map((one) => (
          <option key={one.id} value={one.id}>
            {one.displayName}
          </option>
        ))}
      </Select>
    </Field>
  );
}
