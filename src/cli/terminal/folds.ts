/** Texts up to so many lines and characters are shown whole. */
const MOST_LINES = 9;
const MOST_CHARACTERS = 2_000;

/** A fold stands in the line as one character of a private plane, so that keys treat it as one. */
const FIRST = 0x10f000;
const LAST = 0x10fffd;
const FOLDED = /[\u{10f000}-\u{10fffd}]/gu;

/** Long texts in a line being typed, each shown as what it is instead of in full: `[pasted 460 lines]`. */
export class Folds {
  readonly #texts: string[] = [];

  /** The text folded last. */
  get last(): string | undefined {
    return this.#texts.at(-1);
  }

  /** One character for a text that is long, or that holds characters which would be taken for folds. */
  fold(text: string): string {
    const isShown = !isLong(text) && text.search(FOLDED) < 0;
    if (isShown || this.#texts.length > LAST - FIRST) return text;
    const known = this.#texts.indexOf(text);
    if (known < 0) this.#texts.push(text);
    return String.fromCodePoint(FIRST + (known < 0 ? this.#texts.length - 1 : known));
  }

  /** A text typed before, with what was folded in it folded again. */
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

  /** What stands on the screen for `text`, and where its cursor is there. */
  shown(text: string, cursor: number): { text: string; cursor: number } {
    const label = (character: string): string => labelOf(this.#textOf(character)) ?? character;
    return { text: text.replace(FOLDED, label), cursor: text.slice(0, cursor).replace(FOLDED, label).length };
  }

  #textOf(character: string): string | undefined {
    return this.#texts[(character.codePointAt(0) ?? 0) - FIRST];
  }
}

/** Whether a text is too long to be shown whole. */
export function isLong(text: string): boolean {
  return text.length > MOST_CHARACTERS || linesOf(text) > MOST_LINES;
}

function labelOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const lines = linesOf(text);
  if (lines > 1) return `[pasted ${lines.toLocaleString("en-US")} lines]`;
  return `[pasted ${text.length.toLocaleString("en-US")} characters]`;
}

/** A line break at the end begins no line. */
function linesOf(text: string): number {
  return text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n").length;
}
