import { jsonrepair } from "jsonrepair";

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value of JSON text that may be damaged; undefined if it cannot be repaired. */
export function repaired(text: string): unknown {
  for (const repair of [(json: string) => json, (json: string) => escapeBreaks(closed(json)), jsonrepair]) {
    try {
      return JSON.parse(repair(text)) as unknown;
    } catch {
      // The next one is more tolerant.
    }
  }
  return undefined;
}

/** Escapes bare line breaks in strings. They are the most common damage, and `jsonrepair` would lose them. */
function escapeBreaks(json: string): string {
  return json.replace(/"(?:[^"\\]|\\[^])*"/g, (string) =>
    string.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t"),
  );
}

/** Closes the strings, lists and objects of JSON that was cut off, keeping all of its text. */
function closed(json: string): string {
  const open: string[] = [];
  let isString = false;
  let end = json.length;
  for (let at = 0; at < json.length; at += 1) {
    const char = json.charAt(at);
    if (isString && char === "\\") {
      const length = json.charAt(at + 1) === "u" ? 6 : 2;
      if (at + length > json.length) end = at;
      at += length - 1;
    } else if (char === '"') isString = !isString;
    else if (!isString && (char === "{" || char === "[")) open.push(char === "{" ? "}" : "]");
    else if (!isString && (char === "}" || char === "]")) open.pop();
  }
  return json.slice(0, end) + (isString ? '"' : "") + open.reverse().join("");
}

/** The place of an object or list in a text. */
export type Segment = { readonly from: number; readonly to: number };

/** The outermost objects, and lists of objects, in a text. The last may be cut off. */
export function segments(text: string): Segment[] {
  const found: Segment[] = [];
  let from = 0;
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (depth > 0 && char === "\\") at += 1;
    else if (depth > 0 && char === '"') isString = !isString;
    else if (!isString && opens(text, at, depth)) {
      if (depth === 0) from = at;
      depth += 1;
    } else if (!isString && depth > 0 && (char === "}" || char === "]")) {
      depth -= 1;
      if (depth === 0) found.push({ from, to: at + 1 });
    }
  }
  return depth > 0 ? [...found, { from, to: text.length }] : found;
}

/** Square brackets are common in prose: outside JSON they open a list only before an object. */
function opens(text: string, at: number, depth: number): boolean {
  const char = text.charAt(at);
  if (char === "{" || depth > 0) return char === "{" || char === "[";
  return char === "[" && /^\[\s*\{/.test(text.slice(at, at + 40));
}

/** The text outside the segments, without fences. */
export function beside(text: string, found: readonly Segment[]): string {
  let rest = "";
  let at = 0;
  for (const { from, to } of found) {
    rest += `${text.slice(at, from)}\n`;
    at = to;
  }
  return (rest + text.slice(at))
    .replace(/```\w*/g, "")
    .replace(/\s*\n\s*/g, "\n")
    .trim();
}
