import { parsed } from "./json.ts";

/** The lines of a text that comes in pieces of bytes, without their ends (LF or CRLF). */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of bytes) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest.replace(/\r$/, "");
}

export type ServerEvent = { readonly event: string; readonly data: string };

/**
 * Server-sent events out of their lines; comments, which servers send to keep the connection alive, are left out.
 *
 * @source https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEvents(lines: AsyncIterable<string>): AsyncGenerator<ServerEvent, void, void> {
  let event = "";
  let data: string | undefined;
  for await (const line of lines) {
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    // Some servers forget the empty line between two events.
    const complete = line === "" || (field === "data" && data !== undefined && isWhole(data));
    if (complete && data !== undefined) {
      yield { event, data };
      data = undefined;
    }
    if (line === "") event = "";
    if (field === "event") event = value;
    if (field === "data") data = data === undefined ? value : `${data}\n${value}`;
  }
  if (data !== undefined) yield { event, data };
}

function isWhole(data: string): boolean {
  return data.startsWith("[DONE]") || parsed(data) !== undefined;
}
