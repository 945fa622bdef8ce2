const SIMPLE: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/**
 * Reads the text of one JSON string as it arrives, character by character, starting after its opening quote. Accepts invalid
 * JSON that has only one meaning: bare line breaks, unknown escapes.
 */
export class StringReader {
  /** The unfinished escape. */
  #escape = "";
  /** An escaped high surrogate, held back because half a character cannot be shown. */
  #high = "";
  #done = false;

  /** Whether the closing quote has been read. */
  get done(): boolean {
    return this.#done;
  }

  /** @returns the text that `char` completes. */
  push(char: string): string {
    if (this.#done) return "";
    if (this.#escape !== "") return this.#push(this.#escape + char);
    if (char === "\\") {
      this.#escape = char;
      return "";
    }
    if (char !== '"') return this.flush() + char;
    this.#done = true;
    return this.flush();
  }

  /** @returns the half character held back, if any. */
  flush(): string {
    const half = this.#high;
    this.#high = "";
    return half;
  }

  #push(escape: string): string {
    const kind = escape.charAt(1);
    if (kind === "u" && escape.length < 6 && /^\\u[\da-f]*$/i.test(escape)) {
      this.#escape = escape;
      return "";
    }
    this.#escape = "";
    if (kind !== "u") return this.flush() + (SIMPLE[kind] ?? kind);
    if (!/^\\u[\da-f]{4}$/i.test(escape)) return `${this.flush()}\uFFFD`;
    return this.#pair(String.fromCharCode(Number.parseInt(escape.slice(2), 16)));
  }

  #pair(unit: string): string {
    if (/^[\ud800-\udbff]$/.test(unit)) {
      const before = this.flush();
      this.#high = unit;
      return before;
    }
    return this.flush() + unit;
  }
}
