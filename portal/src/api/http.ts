/** One way to talk to the API: JSON out, JSON in, and three kinds of failure. */
import { currentLanguage } from "../messages/language";
import { authorise } from "../session/session";
import type { Calls } from "./generated";
import type { Said, Text } from "./path";

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

  /** Something on the way answered in the API's place: a number is all that is known. */
  get isWordless(): boolean {
    return this.code === String(this.status);
  }
}

/** The server was not reached; what was to be sent is still here. */
export class NoConnection extends Error {}

export interface Sent {
  /** The same key twice is one request, however often the connection breaks. */
  idempotencyKey?: string;
  signal?: AbortSignal;
}

/** Without it, Graph's enumerations hide the words that they got later behind one that says nothing. */
const EVERY_WORD = "include-unknown-enum-members";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

type CallAt<S extends Said, M> = Calls[S["at"]] extends { [P in M & string]: infer Call } ? Call : never;
type AnswerOf<S extends Said, M> = M extends "GET" ? S["read"] : CallAt<S, M> extends { answer: infer Answer } ? Answer : never;
/** Nothing need be said where no body has to be sent. */
type Told<S extends Said, M> =
  CallAt<S, M> extends { sent: infer Body } ? (object extends Body ? [sent?: Sent & Body] : [sent: Sent & Body]) : never;

/** Call the API: what may be sent and what comes back is what its description says of the path. */
export function call<const M extends Method, S extends Said>(method: M, path: Text<S>, ...[sent]: Told<S, M>): Promise<AnswerOf<S, M>> {
  return send(method, path, sent);
}

/** Read the next part of something, by a link that the API gave. */
export function follow<T>(path: string, sent: Sent): Promise<T> {
  return send("GET", path, sent);
}

async function send<T>(method: Method, path: string, sent: Sent & { body?: unknown } = {}): Promise<T> {
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

interface Refused {
  error?: { code?: string; message?: string; target?: string };
}

function refusal(status: number, told: unknown): Error {
  const error = (told as Refused | undefined)?.error;
  // A gateway that cannot reach the API answers for it, in no words of ours.
  if (!error && status >= 502 && status <= 504) return new NoConnection("no connection");
  return new Refusal(status, error?.code ?? String(status), error?.message ?? `HTTP ${status}`, error?.target);
}
