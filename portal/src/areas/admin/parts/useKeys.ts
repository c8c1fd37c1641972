import { useState } from "react";
import { freshKey } from "../../../api/keys";

/** A key per body: the same sent again is one request, what was changed since is another. */
export function useKeys(): (body: unknown) => string {
  const [keys] = useState(() => new Map<string, string>());
  return (body) => {
    const written = JSON.stringify(body);
    const key = keys.get(written) ?? freshKey();
    keys.set(written, key);
    return key;
  };
}
