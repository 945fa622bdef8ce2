export type ThoughtPiece = { readonly type: "content" | "reasoning"; readonly text: string };

const OPENING = /^\s*<(think|thinking)>/;
/** Characters of white space before the first word beyond which it is dropped: some models write it without end. */
const MOST_BLANK = 1000;
const OPENINGS = ["<think>", "<thinking>"];

/**
 * Splits a text that arrives in pieces into the `<think>…</think>` at its beginning, which reasoning models write and some
 * servers leave in, and the rest. Pieces may end anywhere, even in the middle of a tag.
 */
export class ThinkSplitter {
  #state: "beginning" | "thinking" | "after" | "content" = "beginning";
  #tag = "";
  /** Text that may still turn out to be a tag. */
  #held = "";

  push(piece: string): ThoughtPiece[] {
    this.#held += piece;
    if (this.#state === "beginning" && !this.#begin()) return [];
    if (this.#state === "thinking") return this.#think();
    return this.#rest();
  }

  /** Returns the text held back, at the end. After a tag that was never closed it is a thought. */
  end(): ThoughtPiece[] {
    const text = this.#held;
    this.#held = "";
    if (this.#state === "after" || text === "") return [];
    return [{ type: this.#state === "thinking" ? "reasoning" : "content", text }];
  }

  /** @returns whether it is known yet how the text begins. */
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
