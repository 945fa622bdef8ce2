/** A line without its end, and its number from 1. */
export type Line = { readonly text: string; readonly line: number };

/** A longer line is cut, so that no file is in memory whole because it has only one. */
const LONGEST_LINE = 64 * 1024;

/** The lines of a text that comes in pieces, whatever ends them. The parts of a line that was cut have the same number. */
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
    while (rest.length > LONGEST_LINE) {
      const end = endOf(rest);
      yield { text: rest.slice(0, end), line };
      rest = rest.slice(end);
    }
  }
  const last = rest.replace(/\r$/, "");
  if (last !== "") yield* cut(last, line);
}

function* cut(text: string, line: number): Generator<Line, void, void> {
  let rest = text;
  while (rest.length > LONGEST_LINE) {
    const end = endOf(rest);
    yield { text: rest.slice(0, end), line };
    rest = rest.slice(end);
  }
  yield { text: rest, line };
}

/** Behind a space, or else between two characters. */
function endOf(text: string): number {
  const space = text.lastIndexOf(" ", LONGEST_LINE - 1);
  if (space > LONGEST_LINE / 2) return space + 1;
  const last = text.charCodeAt(LONGEST_LINE - 1);
  return last >= 0xd800 && last <= 0xdbff ? LONGEST_LINE - 1 : LONGEST_LINE;
}
