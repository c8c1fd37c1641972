/** One way to talk to the API: JSON out, JSON in, and three kinds of failure. */
import { currentLanguage } from "../messages/language";
import { authorise } from "../session/session";

/** What the API refused, in its words. `target` names the field it is about. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly target?: string,
  ) {
    super(message);
  }
}

/** The server was not reached; what was to be sent is still here. */
export class NoConnection extends Error {}

export interface Sent {
  body?: unknown;
  /** The same key twice is one request, however often the connection breaks. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Without it, Graph's enumerations hide the words that they got later behind one that says nothing. */
const EVERY_WORD = "include-unknown-enum-members";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export async function call<T>(method: Method, path: string, sent: Sent = {}): Promise<T> {
  const headers = new Headers({ Accept: "application/json", "Accept-Language": currentLanguage(), Prefer: EVERY_WORD });
  if (sent.body !== undefined) headers.set("Content-Type", "application/json");
  if (sent.idempotencyKey) headers.set("Idempotency-Key", sent.idempotencyKey);
  authorise(headers, method);
  const answer = await reach(path, {
    method,
    headers,
    ...(sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }),
    ...(sent.signal ? { signal: sent.signal } : {}),
  });
  if (answer.status === 204) return undefined as T;
  const told: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw refusal(answer.status, told);
  return told as T;
}

/** What is not JSON, whole, to be kept as a file. */
export async function download(path: string): Promise<Blob> {
  const headers = new Headers({ Accept: "*/*" });
  authorise(headers, "GET");
  const answer = await reach(path, { headers });
  if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => undefined));
  return answer.blob();
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new NoConnection("no connection", { cause: error });
  }
}

interface Told {
  error?: { code?: string; message?: string; target?: string };
}

function refusal(status: number, told: unknown): Error {
  const error = (told as Told | undefined)?.error;
  // A gateway that cannot reach the API answers for it, in no words of ours.
  if (!error && status >= 502 && status <= 504) return new NoConnection("no connection");
  return new Refusal(status, error?.code ?? String(status), error?.message ?? `HTTP ${status}`, error?.target);
}
