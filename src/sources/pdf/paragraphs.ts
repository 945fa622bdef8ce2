import type { Element } from "../element.ts";
import type { MarkedLine } from "./headings.ts";

/** Lines further apart than this many times their height belong to different paragraphs. */
const WIDEST_GAP = 1.7;
const INDENT = 0.8;
const HYPHEN = /(\p{L}+)[-\u2010\u00ad]$/u;

/** Joins lines into paragraphs, and words hyphenated at a line end. */
export function* paragraphsOf(lines: readonly MarkedLine[]): Generator<Element, void, void> {
  const words = new Set(
    lines.flatMap(({ text }) => text.toLowerCase().match(/[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*/gu) ?? []),
  );
  let paragraph = new Paragraph(words);
  let page = 0;
  let before: MarkedLine | undefined;
  for (const line of lines) {
    if (line.heading !== undefined || (before !== undefined && !continues(before, line, paragraph.end))) {
      if (!paragraph.isEmpty) yield { kind: "paragraph", text: paragraph.text, page };
      paragraph = new Paragraph(words);
    }
    if (line.heading !== undefined) yield { kind: "heading", text: line.heading, page: line.page };
    if (paragraph.isEmpty) page = line.page;
    paragraph.add(line.text);
    before = line;
  }
  if (!paragraph.isEmpty) yield { kind: "paragraph", text: paragraph.text, page };
}

/** Letters of a paragraph's end that tell how it continues: more than a word has. */
const END = 100;

/** A paragraph of any length, such as a book set without indents: adding a line looks only at the end of what is there. */
class Paragraph {
  readonly #words: ReadonlySet<string>;
  readonly #pieces: string[] = [];
  /** The last characters, at most `END`. */
  end = "";

  /** @param words Those of the document, in lower case. */
  constructor(words: ReadonlySet<string>) {
    this.#words = words;
  }

  get isEmpty(): boolean {
    return this.end === "";
  }

  get text(): string {
    return this.#pieces.join("");
  }

  /** Adds a line after a space, or without one if a word is hyphenated between them. */
  add(line: string): void {
    if (line === "") return;
    const { gap, dropsHyphen } = this.#joint(line);
    if (dropsHyphen) {
      const last = this.#pieces.pop() ?? "";
      this.#pieces.push(last.slice(0, -1));
      this.end = this.end.slice(0, -1);
    }
    this.#pieces.push(gap + line);
    this.end = (this.end + gap + line).slice(-END);
  }

  #joint(next: string): { readonly gap: "" | " "; readonly dropsHyphen: boolean } {
    if (this.isEmpty) return { gap: "", dropsHyphen: false };
    const [, first] = HYPHEN.exec(this.end) ?? [];
    const [second] = /^\p{L}+/u.exec(next) ?? [];
    if (first === undefined) {
      const isSpaceless =
        /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}。、]$/u.test(this.end) &&
        /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(next);
      return { gap: isSpaceless ? "" : " ", dropsHyphen: false };
    }
    const [whole, compound] = [`${first}${second ?? ""}`.toLowerCase(), `${first}-${second ?? ""}`.toLowerCase()];
    const isCompound =
      second === undefined || /^\p{Lu}/u.test(second) || (!this.#words.has(whole) && this.#words.has(compound));
    return { gap: "", dropsHyphen: !isCompound };
  }
}

/** @param end The end of the paragraph's text so far. */
function continues(before: MarkedLine, line: MarkedLine, end: string): boolean {
  const height = Math.max(before.height, line.height, 1);
  const down = before.y - line.y;
  if (before.page !== line.page || down < -height / 2 || down > 6 * height) {
    // The next column or page: whether the sentence continues decides.
    return HYPHEN.test(end) || (!/[.!?:。！？]["'”’)\]]*$/u.test(end) && /^[\p{Ll}\p{Lo}\d(]/u.test(line.text));
  }
  const isIndented = line.x - before.x > INDENT * height && line.x - before.x < 5 * height;
  return down <= WIDEST_GAP * height && !isIndented && Math.abs(before.height - line.height) < 0.25 * height;
}
