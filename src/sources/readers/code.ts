import type { Element } from "../element.ts";
import { type Line, linesOf } from "../lines.ts";

/** A line at the margin that begins something with a name, in the more common languages. */
const DEFINITION =
  /^(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([^)]*\))?|unsafe|declare|open|sealed)\s+)*(?:function\*?|class|interface|enum|struct|trait|impl|def|fn|func|module|namespace|type|record|object)\s+(?:\([^)]*\)\s*)?([\p{L}_$][\p{L}\p{N}_$.:]*)/u;
const MOST_LINES = 400;

/** Source code: what stands at the margin with all that is indented below it; named parts become headings of what follows. */
export async function* readCode(texts: AsyncIterable<string>): AsyncGenerator<Element, void, void> {
  let begun: Line[] = [];
  let wasEmpty = true;
  for await (const line of linesOf(texts)) {
    const isEmpty = line.text.trim() === "";
    const begins = wasEmpty && /^\S/.test(line.text) && !/^[)}\]]/.test(line.text);
    if (begun.length > 0 && (begins || begun.length >= MOST_LINES)) {
      yield* part(begun);
      begun = [];
    }
    begun.push(line);
    wasEmpty = isEmpty;
  }
  yield* part(begun);
}

function* part(lines: readonly Line[]): Generator<Element, void, void> {
  const [first] = lines;
  if (first === undefined) return;
  const text = lines.map((line) => line.text).join("\n");
  if (text.trim() === "") return;
  const name = lines.map((line) => DEFINITION.exec(line.text)?.[1]).find((found) => found !== undefined);
  yield { kind: "code", text, line: first.line, ...(name === undefined ? {} : { under: name }) };
}
