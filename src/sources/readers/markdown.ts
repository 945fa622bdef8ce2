import type { Element } from "../element.ts";
import { type Line, linesOf } from "../lines.ts";

const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const UNDERLINE = /^ {0,3}(?:=+|-+)[ \t]*$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** Most lines of one element; a longer paragraph or listing is split. */
const MOST_LINES = 200;

/** Markdown: headings, fenced code, table rows and paragraphs, with their markup. */
export async function* readMarkdown(texts: AsyncIterable<string>): AsyncGenerator<Element, void, void> {
  const reader = new MarkdownReader();
  for await (const line of linesOf(texts)) yield* reader.take(line);
  yield* reader.end();
}

class MarkdownReader {
  #lines: Line[] = [];
  /** The fence of the code being read. */
  #fence: string | undefined;
  /** The header of the table being read. */
  #header: string | undefined;

  *take(line: Line): Generator<Element, void, void> {
    if (this.#fence !== undefined) {
      yield* this.#inCode(line, this.#fence);
      return;
    }
    const { text } = line;
    if (text.trim() === "") {
      yield* this.end();
      return;
    }
    const [, title] = HEADING.exec(text) ?? [];
    const [, fence] = FENCE.exec(text) ?? [];
    if (title !== undefined) {
      yield* this.end();
      yield { kind: "heading", text: title, line: line.line };
    } else if (fence !== undefined) {
      yield* this.end();
      this.#fence = fence;
      this.#lines = [line];
    } else if (this.#header !== undefined && text.includes("|")) {
      yield { kind: "row", text, header: this.#header, line: line.line };
    } else {
      yield* this.#inParagraph(line);
    }
  }

  *end(): Generator<Element, void, void> {
    const [first] = this.#lines;
    if (first !== undefined) {
      const text = this.#lines.map((it) => it.text).join("\n");
      yield { kind: this.#fence === undefined ? "paragraph" : "code", text, line: first.line };
    }
    this.#lines = [];
    this.#fence = undefined;
    this.#header = undefined;
  }

  *#inCode(line: Line, fence: string): Generator<Element, void, void> {
    this.#lines.push(line);
    const ends = line.text.trim().startsWith(fence) && /^[`~]+$/.test(line.text.trim());
    if (ends || this.#lines.length >= MOST_LINES) yield* this.end();
    if (!ends) this.#fence = fence;
  }

  *#inParagraph(line: Line): Generator<Element, void, void> {
    const before = this.#lines.at(-1);
    if (before !== undefined && this.#lines.length === 1 && UNDERLINE.test(line.text) && !before.text.includes("|")) {
      this.#lines = [];
      yield { kind: "heading", text: before.text.trim(), line: before.line };
      return;
    }
    if (before?.text.includes("|") === true && line.text.includes("|") && TABLE_RULE.test(line.text)) {
      this.#lines.pop();
      yield* this.end();
      this.#header = `${before.text}\n${line.text}`;
      yield { kind: "row", text: this.#header, line: before.line };
      return;
    }
    if (this.#header !== undefined || this.#lines.length >= MOST_LINES) yield* this.end();
    this.#lines.push(line);
  }
}
