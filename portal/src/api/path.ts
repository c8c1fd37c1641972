/** A path of the API that knows what comes from it and what it takes, by the API's own description. */
import type { Calls } from "./generated";

declare const says: unique symbol;

export type Served = keyof Calls;

/** Text, and to the type checker what the API serves there; `Read` is what reading it gives. */
export type Path<P extends Served, Read = ReadAt<P>> = Text<{ at: P; read: Read }>;
/** Whatever path gives this when it is read. */
export type Reads<Read> = string & { readonly [says]: { read: Read } };
export interface Said {
  at: Served;
  read: unknown;
}
export type Text<S extends Said> = string & { readonly [says]: S };

type ReadAt<P extends Served> = Calls[P] extends { GET: { answer: infer Answer } } ? Answer : undefined;

/** Fill in a path of the description, in order, and say what is asked there. */
export function at<P extends Served>(template: P, ids: string[] = [], asked: Record<string, string> = {}): Path<P> {
  return written(template, ids, asked);
}

/** The same where what is asked, an `$expand` as a rule, gives more or other than the description can tell of all callers. */
export function giving<Read>() {
  return <P extends Served>(template: P, ids: string[] = [], asked: Record<string, string> = {}): Path<P, Read> =>
    written(template, ids, asked);
}

function written<S extends Said>(template: string, ids: string[], asked: Record<string, string>): Text<S> {
  let place = 0;
  const path = template.replace(/\{\w+\}/g, () => ids[place++] ?? "");
  const options = query(asked);
  return (options ? `${path}?${options}` : path) as Text<S>;
}

/** Leave out what is empty, and write the rest as an URL takes it. */
function query(options: Record<string, string>): string {
  return Object.entries(options)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
}
