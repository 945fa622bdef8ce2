import { partsOf } from "./parts.ts";

/** A line without its line break, and its number from 1. */
export type Line = { readonly text: string; readonly line: number };

/** A longer line is cut, so that a file with a single line is not in memory as a whole. In UTF-16 units. */
const LONGEST_LINE = 64 * 1024;

/** The lines of a streamed text, with any kind of line break. The parts of a cut line have the same number. */
export async function* linesOf(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Line, void, void> {
  let [rest, line] = ["", 1];
  for await (const text of texts) {
    rest += text;
    const found = rest.split(/\r\n|\n|\r(?!$)/);
    rest = found.pop() ?? "";
    for (const whole of found) {
      yield* cut(whole, line);
      line += 1;
    }
    const parts = [...partsOf(rest, LONGEST_LINE)];
    rest = parts.pop() ?? "";
    for (const part of parts) yield { text: part, line };
  }
  const last = rest.replace(/\r$/, "");
  if (last !== "") yield* cut(last, line);
}

function* cut(text: string, line: number): Generator<Line, void, void> {
  for (const part of partsOf(text, LONGEST_LINE)) yield { text: part, line };
}
