import { CALL_MARKS } from "./markup.ts";

/** What a call that is written as text may begin with. */
const BEGINNINGS = [...CALL_MARKS, "```json", "```tool", '{"', "{\n", "{ ", '[{"', "[\n"] as const;

/** Keeps back the text from where a written call may begin, so that nobody is shown one as a thought. */
export class TextGate {
  #held = "";

  /** @returns what may be shown now that `piece` has come. */
  push(piece: string): string {
    const text = this.#held + piece;
    const from = beginning(text);
    this.#held = text.slice(from);
    return text.slice(0, from);
  }
}

/** Where a beginning stands, or what may become one stands at the end. */
function beginning(text: string): number {
  for (let at = 0; at < text.length; at += 1) {
    const rest = text.slice(at, at + 16);
    if (BEGINNINGS.some((mark) => rest.startsWith(mark) || mark.startsWith(rest))) return at;
  }
  return text.length;
}
