/** A key nobody else has; also where the page came over plain http, whose browsers have no randomUUID. */
export function freshKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
