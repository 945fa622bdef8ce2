export type ThoughtPiece = { readonly type: "content" | "reasoning"; readonly text: string };

const OPENING = /^\s*<(think|thinking)>/;
/** So much white space before the first word is not kept: some models write it without end. */
const MOST_BLANK = 1000;
const OPENINGS = ["<think>", "<thinking>"];

/**
 * Parts a text that comes in pieces into the `<think>…</think>` at its beginning, which reasoning models write where the
 * server does not take it out, and the rest. Pieces may end anywhere, in the middle of a tag too.
 */
export class ThinkSplitter {
  #state: "beginning" | "thinking" | "after" | "content" = "beginning";
  #tag = "";
  /** What could still turn out to be a tag. */
  #held = "";

  push(piece: string): ThoughtPiece[] {
    this.#held += piece;
    if (this.#state === "beginning" && !this.#begin()) return [];
    if (this.#state === "thinking") return this.#think();
    return this.#rest();
  }

  /** What was held back when the text ends. A tag that was never closed has only thoughts after it. */
  end(): ThoughtPiece[] {
    const text = this.#held;
    this.#held = "";
    if (this.#state === "after" || text === "") return [];
    return [{ type: this.#state === "thinking" ? "reasoning" : "content", text }];
  }

  /** @returns whether it is known by now how the text begins. */
  #begin(): boolean {
    const opening = OPENING.exec(this.#held);
    if (opening !== null) {
      this.#tag = `</${opening[1] ?? "think"}>`;
      this.#held = this.#held.slice(opening[0].length).trimStart();
      this.#state = "thinking";
      return true;
    }
    const start = this.#held.trimStart();
    if (start === "" && this.#held.length > MOST_BLANK) this.#held = "";
    if (OPENINGS.some((tag) => tag.startsWith(start))) return false;
    this.#state = "content";
    return true;
  }

  #think(): ThoughtPiece[] {
    const end = this.#held.indexOf(this.#tag);
    if (end === -1) {
      const kept = partialTag(this.#held, this.#tag);
      const text = this.#held.slice(0, this.#held.length - kept);
      this.#held = this.#held.slice(text.length);
      return text === "" ? [] : [{ type: "reasoning", text }];
    }
    const text = this.#held.slice(0, end);
    this.#held = this.#held.slice(end + this.#tag.length);
    this.#state = "after";
    return [...(text === "" ? [] : [{ type: "reasoning" as const, text }]), ...this.#rest()];
  }

  #rest(): ThoughtPiece[] {
    // The empty lines between the thoughts and the answer belong to neither.
    const text = this.#state === "after" ? this.#held.trimStart() : this.#held;
    this.#held = "";
    if (text === "") return [];
    this.#state = "content";
    return [{ type: "content", text }];
  }
}

/** How many characters at the end of `text` could be the beginning of `tag`. */
function partialTag(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length -= 1) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
