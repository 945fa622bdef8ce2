import type { Element } from "../element.ts";
import { linesOf } from "../lines.ts";

/** JSON lines: one row per line. A line that is not JSON is kept as text. */
export async function* readJsonLines(texts: AsyncIterable<string>): AsyncGenerator<Element, void, void> {
  for await (const { text, line } of linesOf(texts)) {
    if (text.trim() === "") continue;
    yield { kind: "row", text: parsed(text)?.text ?? text, line };
  }
}

/** JSON: one row per item of a list or member of an object. Undefined if the text is not JSON. */
export function readJson(text: string): Iterable<Element> | undefined {
  const found = parse(text);
  return found === undefined ? undefined : rowsOf(found.value);
}

function* rowsOf(value: unknown): Generator<Element, void, void> {
  if (Array.isArray(value)) {
    for (const item of value) yield { kind: "row", text: flat(item) };
  } else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      if (Array.isArray(member) && member.some((item) => typeof item === "object")) {
        yield { kind: "heading", text: key };
        yield* rowsOf(member);
      } else {
        yield { kind: "row", text: flat(member, key) };
      }
    }
  } else {
    yield { kind: "row", text: String(value) };
  }
}

function parsed(text: string): { readonly text: string } | undefined {
  const found = parse(text);
  return found === undefined ? undefined : { text: flat(found.value) };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Flattens a value into lines of `path: value`. */
function flat(value: unknown, path = ""): string {
  const lines: string[] = [];
  const open: [path: string, value: unknown][] = [[path, value]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [at, found] = next;
    if (typeof found !== "object" || found === null) {
      lines.push(at === "" ? String(found) : `${at}: ${String(found)}`);
      continue;
    }
    const isList = Array.isArray(found);
    const parts = Object.entries(found).map(([key, part]): [string, unknown] => [
      isList ? `${at}[${Number(key) + 1}]` : at === "" ? key : `${at}.${key}`,
      part,
    ]);
    if (parts.length === 0) lines.push(`${at}: ${isList ? "[]" : "{}"}`);
    open.push(...parts.reverse());
  }
  return lines.join("\n");
}
