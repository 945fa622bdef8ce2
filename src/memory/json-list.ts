/** Most characters of an item. */
const LONGEST_ITEM = 64 * 1024 * 1024;

/**
 * The items of a list in JSON as texts, one at a time, so that the list may be larger than memory. Finds where they end, but does
 * not parse them: an item may be invalid JSON.
 *
 * @throws SyntaxError, in words for people, if the text is not a list, breaks off, goes on after the list, or has an item of more
 *   than 64 million characters.
 */
export async function* itemsOfList(texts: AsyncIterable<string>): AsyncGenerator<string, void, void> {
  const scan = new Scan();
  for await (const text of texts) yield* scan.next(text);
  scan.end();
}

class Scan {
  #place: "before" | "inside" | "after" = "before";
  /** Lists and objects that are open within the item. */
  #depth = 0;
  #isQuoted = false;
  #isEscaped = false;
  /** The item so far. */
  #item = "";
  #count = 0;

  *next(text: string): Generator<string, void, void> {
    let from = 0;
    for (let at = this.#isQuoted ? this.#afterQuote(text, 0) : 0; at < text.length; at += 1) {
      const character = text.charAt(at);
      if (this.#place !== "inside") {
        this.#outside(character);
        from = at + 1;
      } else if (character === '"') {
        this.#isQuoted = true;
        at = this.#afterQuote(text, at + 1) - 1;
      } else if (this.#depth === 0 && (character === "," || character === "]")) {
        const item = this.#item + text.slice(from, at);
        from = at + 1;
        this.#item = "";
        if (character === "]") this.#place = "after";
        if (character === "," || this.#count > 0 || item.trim() !== "") yield item;
        this.#count += 1;
      } else if (character === "[" || character === "{") {
        this.#depth += 1;
      } else if ((character === "]" || character === "}") && this.#depth > 0) {
        this.#depth -= 1;
      }
    }
    this.#item += text.slice(from);
    if (this.#item.length > LONGEST_ITEM) {
      throw new SyntaxError(`it has an item of more than ${LONGEST_ITEM.toLocaleString("en-US")} characters`);
    }
  }

  end(): void {
    if (this.#place === "before") throw new SyntaxError(NO_LIST);
    if (this.#place === "inside") throw new SyntaxError("it ends in the middle");
  }

  #outside(character: string): void {
    if (/[\s\ufeff]/.test(character)) return;
    if (this.#place === "after") throw new SyntaxError("it goes on after its end");
    if (character !== "[") throw new SyntaxError(NO_LIST);
    this.#place = "inside";
  }

  /** The place after the quotation mark that ends the quoted text; the text's length if it is missing. */
  #afterQuote(text: string, start: number): number {
    for (let at = start; at < text.length; at += 1) {
      const character = text.charAt(at);
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === "\\") this.#isEscaped = true;
      else if (character === '"') {
        this.#isQuoted = false;
        return at + 1;
      }
    }
    return text.length;
  }
}

const NO_LIST = "it is not a list";
