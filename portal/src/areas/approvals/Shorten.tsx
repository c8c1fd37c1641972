import { Field, Input } from "@fluentui/react-components";
import type { AccessRequest } from "../../api/shapes";
import { dateTime, duration, fieldValue, zone } from "../../format/times";
import { type Text, useText } from "../../messages/useText";

interface Props {
  request: AccessRequest | undefined;
  endsAt: string;
  change: (endsAt: string) => void;
  refused: string | undefined;
}

/** An end that is nearer than the one asked for; never a later one. */
export function Shorten({ request, endsAt, change, refused }: Props) {
  const text = useText();
  return (
    <Field
      label={text("approvals.shorten")}
      hint={text("approvals.shortenHint", { asked: asEnd(request, text), zone: zone() })}
      {...(refused ? { validationMessage: refused, validationState: "error" as const } : {})}
    >
      <Input
        type="datetime-local"
        min={fieldValue(new Date())}
        value={endsAt}
        onChange={(_, { value }) => change(value)}
      />
    </Field>
  );
}

function asEnd(request: AccessRequest | undefined, text: Text): string {
  const { type, endDateTime, duration: lasts } = request?.schedule.expiration ?? {};
  if (endDateTime) return text("approvals.askedUntil", { at: dateTime(endDateTime) });
  if (lasts) return text("approvals.askedFor", { duration: duration(lasts) });
  return text(type === "noExpiration" ? "approvals.askedForEver" : "approvals.askedAsPolicy");
}
