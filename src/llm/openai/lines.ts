import { parsed } from "./json.ts";

/** A line, or the data of an event, is too long. */
export class TooLongError extends Error {}

/** The bytes of an answer. */
export function bytesOf({ body }: Pick<Response, "body">): AsyncIterable<Uint8Array> {
  return body ?? new Blob([]).stream();
}

/** Decodes bytes. Stops reading after `most` characters. */
export async function textOf(bytes: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of bytes) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > most) return text;
  }
  return text + decoder.decode();
}

/** Decodes lines, without their ends (LF or CRLF). `most` is the longest allowed, in characters. @throws TooLongError */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  most = Infinity,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  // Joined only when the line is complete, because it may arrive in very many pieces.
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
 * Reads server-sent events from their lines. Skips comments, which servers send to keep the connection alive. `most` is the
 * longest data of one event, in characters.
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
    // Some servers omit the empty line between two events.
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

/** How often an event without its end is tested for being complete. Each test parses it from the beginning. */
const MOST_TRIES = 16;

function isWhole(data: string): boolean {
  return data.startsWith("[DONE]") || parsed(data) !== undefined;
}
