import { CALL_MARKS } from "./markup.ts";

/** How a call written as text may begin. */
const BEGINNINGS = [...CALL_MARKS, "```json", "```tool", '{"', "{\n", "{ ", '[{"', "[\n"] as const;

/** Holds back the text from where a written call may begin, so that it is not shown as a thought. */
export class TextGate {
  #held = "";

  /** @returns the text that may be shown after `piece`. */
  push(piece: string): string {
    const text = this.#held + piece;
    const from = beginning(text);
    this.#held = text.slice(from);
    return text.slice(0, from);
  }
}

/** The index of the first beginning, or of what may still become one at the end of `text`. */
function beginning(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const rest = text.slice(at, at + 16);
    if (BEGINNINGS.some((mark) => rest.startsWith(mark) || mark.startsWith(rest))) return at;
  }
  return text.length;
}
