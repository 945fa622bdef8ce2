import type { Element } from "../element.ts";
import { type Line, linesOf } from "../lines.ts";

/** A longer paragraph is split. In UTF-16 units. */
const LONGEST_PARAGRAPH = 16 * 1024;

/** Plain text: paragraphs between empty lines. */
export async function* readText(texts: AsyncIterable<string>): AsyncGenerator<Element, void, void> {
  for await (const { lines, line } of paragraphsOf(linesOf(texts))) {
    yield { kind: "paragraph", text: lines.join("\n"), line };
  }
}

type Paragraph = { readonly lines: readonly string[]; readonly line: number };

async function* paragraphsOf(lines: AsyncIterable<Line>): AsyncGenerator<Paragraph, void, void> {
  let [begun, from, length]: [string[], number, number] = [[], 1, 0];
  for await (const { text, line } of lines) {
    const isEmpty = text.trim() === "";
    if (begun.length > 0 && (isEmpty || length > LONGEST_PARAGRAPH)) {
      yield { lines: begun, line: from };
      [begun, length] = [[], 0];
    }
    if (isEmpty) continue;
    if (begun.length === 0) from = line;
    begun.push(text);
    length += text.length;
  }
  if (begun.length > 0) yield { lines: begun, line: from };
}
