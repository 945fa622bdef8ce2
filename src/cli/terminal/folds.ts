/** Longest text that is shown whole. */
const MOST_LINES = 9;
const MOST_CHARACTERS = 2_000;

/** A fold is one private-use character in the line, so that keys treat it as one. */
const FIRST = 0x10f000;
const LAST = 0x10fffd;
const FOLDED = /[\u{10f000}-\u{10fffd}]/gu;

/** Long texts in the edited line, each shown as a label such as `[pasted 460 lines]`. */
export class Folds {
  readonly #texts: string[] = [];

  /** The text folded last. */
  get last(): string | undefined {
    return this.#texts.at(-1);
  }

  /** Replaces a text by one character if it is long, or if it contains characters that stand for folds. */
  fold(text: string): string {
    const isShown = !isLong(text) && text.search(FOLDED) < 0;
    if (isShown || this.#texts.length > LAST - FIRST) return text;
    const known = this.#texts.indexOf(text);
    if (known < 0) this.#texts.push(text);
    return String.fromCodePoint(FIRST + (known < 0 ? this.#texts.length - 1 : known));
  }

  /** Folds an earlier text as it was folded before. */
  refold(text: string): string {
    const longestFirst = [...this.#texts.entries()].sort(([, a], [, b]) => b.length - a.length);
    const folded = longestFirst
      .filter(([, pasted]) => isLong(pasted))
      .reduce((current, [at, pasted]) => current.replaceAll(pasted, () => String.fromCodePoint(FIRST + at)), text);
    return folded === text ? this.fold(text) : folded;
  }

  unfold(text: string): string {
    return text.replace(FOLDED, (character) => this.#textOf(character) ?? character);
  }

  /** `text` as shown on the screen, and its cursor there. */
  shown(text: string, cursor: number): { text: string; cursor: number } {
    const label = (character: string): string => labelOf(this.#textOf(character)) ?? character;
    return { text: text.replace(FOLDED, label), cursor: text.slice(0, cursor).replace(FOLDED, label).length };
  }

  #textOf(character: string): string | undefined {
    return this.#texts[(character.codePointAt(0) ?? 0) - FIRST];
  }
}

/** Whether a text is too long to show whole. */
export function isLong(text: string): boolean {
  return text.length > MOST_CHARACTERS || linesOf(text) > MOST_LINES;
}

function labelOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const lines = linesOf(text);
  if (lines > 1) return `[pasted ${lines.toLocaleString("en-US")} lines]`;
  return `[pasted ${text.length.toLocaleString("en-US")} characters]`;
}

/** A final line break does not start another line. */
function linesOf(text: string): number {
  return text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").length;
}
