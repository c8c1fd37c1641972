/** Server-sent events over fetch: EventSource cannot carry a bearer token. One stream, until it ends or is aborted. */
import { authorise } from "../session/session";
import { NoConnection, Refusal } from "./http";

export interface ServerSentEvent {
  event: string;
  id: string;
  data: string;
}

/** Longer than the server's beat: who says nothing for so long is gone without a word. */
const SILENCE = 40_000;

export async function* stream(path: string, lastId: string | undefined, stop: AbortSignal): AsyncGenerator<ServerSentEvent> {
  const headers = new Headers({ Accept: "text/event-stream" });
  if (lastId) headers.set("Last-Event-ID", lastId);
  authorise(headers, "GET");
  const silence = new AbortController();
  const signal = AbortSignal.any([stop, silence.signal]);
  const answer = await fetch(path, { headers, signal, cache: "no-store" }).catch((error: unknown) => {
    throw stop.aborted ? error : new NoConnection("no connection", { cause: error });
  });
  if (!answer.ok || !answer.body) throw new Refusal(answer.status, String(answer.status), `HTTP ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  for (;;) {
    const patience = setTimeout(() => silence.abort(), SILENCE);
    const { done, value } = await reader.read().finally(() => clearTimeout(patience));
    if (done) return;
    const blocks = (unread + value).split("\n\n");
    unread = blocks.pop() ?? "";
    yield* blocks.map(parsed);
  }
}

function parsed(block: string): ServerSentEvent {
  const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]));
  return { event: fields.get("event") ?? "message", id: fields.get("id") ?? "", data: fields.get("data") ?? "" };
}
