import type { Element } from "../element.ts";
import { type Line, linesOf } from "../lines.ts";

/** An unindented line that begins a definition, in common languages. */
const DEFINITION =
  /^(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([^)]*\))?|unsafe|declare|open|sealed)\s+)*(?:function\*?|class|interface|enum|struct|trait|impl|def|fn|func|module|namespace|type|record|object)\s+(?:\([^)]*\)\s*)?([\p{L}_$][\p{L}\p{N}_$.:]*)/u;
const MOST_LINES = 400;

/** Source code: each unindented line with the indented lines below it. The name that a part defines becomes its heading. */
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
