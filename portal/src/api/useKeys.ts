import { useState } from "react";

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

/** A key nobody else has; also where the page came over plain http, whose browsers have no randomUUID. */
function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
