import type { Message } from "./message.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Messages are immutable, so each is parsed once, however many requests contain it. */
const read = new WeakMap<Message, Map<string, Fields>>();

/** The fields of a JSON object in a message, such as its envelope; none if it is not an object. */
export function fieldsOf(message: Message, json: string = message.content ?? ""): Fields {
  const known = read.get(message) ?? new Map<string, Fields>();
  read.set(message, known);
  const fields = known.get(json) ?? objectIn(json);
  known.set(json, fields);
  return fields;
}

function objectIn(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json);
    return value !== null && typeof value === "object" ? { ...value } : {};
  } catch {
    return {};
  }
}

/**
 * A field of a message's envelope; text that is not an envelope is returned whole, without the note that it was cut.
 */
export function fieldOf(message: Message, key: string): string {
  const fields = fieldsOf(message);
  // The note is for a reader who can look up the rest; it is not part of the text.
  const whole = key in fields ? textIn(fields, key) : (message.content ?? "");
  return whole.replace(/ \[cut: the first \d+ of \d+ characters\.[^\]]{0,200}\]$/, "");
}

/** A field that is text; empty if it is not. */
export function textIn(fields: Fields, key: string): string {
  const value = fields[key];
  return typeof value === "string" ? value : "";
}
