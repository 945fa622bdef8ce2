import { parsed } from "./json.ts";

/** A line, or the data of an event, is longer than any may be. */
export class TooLongError extends Error {}

/** The bytes of an answer. */
export function bytesOf({ body }: Pick<Response, "body">): AsyncIterable<Uint8Array> {
  return body ?? new Blob([]).stream();
}

/** A text that comes in pieces of bytes. No more is read once it has more than `most` characters. */
export async function textOf(bytes: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of bytes) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > most) return text;
  }
  return text + decoder.decode();
}

/** The lines of a text that comes in pieces of bytes, without their ends (LF or CRLF). `most` is the longest, in characters. @throws TooLongError */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  most = Infinity,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  // Joined only when the line is whole: a line may come in very many pieces.
  let [begun, length]: [string[], number] = [[], 0];
  const line = (end: string): string => {
    const text = [...begun, end].join("").replace(/\r$/, "");
    [begun, length] = [[], 0];
    return text;
  };
  for await (const piece of bytes) {
    const ends = decoder.decode(piece, { stream: true }).split("\n");
    const rest = ends.pop() ?? "";
    for (const end of ends) yield line(end);
    begun.push(rest);
    length += rest.length;
    if (length > most) throw new TooLongError();
  }
  const last = line(decoder.decode());
  if (last !== "") yield last;
}

export type ServerEvent = { readonly event: string; readonly data: string };

/**
 * Server-sent events out of their lines; comments, which servers send to keep the connection alive, are left out. `most` is
 * how many characters the data of one may have.
 *
 * @source https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEvents(
  lines: AsyncIterable<string>,
  most = Infinity,
): AsyncGenerator<ServerEvent, void, void> {
  let event = "";
  let data: string | undefined;
  let tries = 0;
  for await (const line of lines) {
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    // Some servers forget the empty line between two events.
    const complete = line === "" || (field === "data" && data !== undefined && ++tries <= MOST_TRIES && isWhole(data));
    if (complete && data !== undefined) {
      yield { event, data };
      data = undefined;
    }
    if (data === undefined) tries = 0;
    if (line === "") event = "";
    if (field === "event") event = value;
    if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
    if (data !== undefined && data.length > most) throw new TooLongError();
  }
  if (data !== undefined) yield { event, data };
}

/** How often it is tried whether an event is whole without its end. Each try reads it from the beginning. */
const MOST_TRIES = 16;

function isWhole(data: string): boolean {
  return data.startsWith("[DONE]") || parsed(data) !== undefined;
}
