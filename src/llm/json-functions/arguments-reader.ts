import { StringReader } from "./string-reader.ts";

/** Names that models give to a thought among the arguments. */
export const THOUGHT_PARAMETERS: ReadonlySet<string> = new Set(["inner_thoughts", "inner_thought"]);

/** What a piece added to the thought, and to the JSON of the arguments without it. */
export type ArgumentsPiece = { readonly thought: string; readonly json: string };

type State =
  "start" | "key?" | "key" | "colon" | "value?" | "thought" | "value" | "string" | "quoted" | "done" | "broken";

const WHITE = /^\s$/;
const WORD = /^[\w.+-]$/;
const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
const PYTHON: Readonly<Record<string, string>> = { True: "true", False: "false", None: "null" };

/**
 * Reads the arguments of a call as they arrive. Separates `inner_thoughts` from the rest, which it passes on as JSON after
 * repairing bare line breaks in strings, extra commas and Python's literals. The result does not depend on how the text is
 * cut into pieces.
 */
export class ArgumentsReader {
  #state: State = "start";
  #depth = 0;
  /** JSON held back until it is known what follows. */
  #held = "";
  #key = "";
  #word = "";
  #isEscaped = false;
  #pairs = 0;
  #thoughtReader: StringReader | undefined;
  #thought = "";
  #json = "";

  /** Whether the object has been read to its end. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Whether the text turned out not to be an object. Nothing more is read then. */
  get broken(): boolean {
    return this.#state === "broken";
  }

  /** @returns what `piece` added, and how many of its characters belong to the object. */
  push(piece: string): ArgumentsPiece & { readonly read: number } {
    this.#thought = "";
    this.#json = "";
    let read = 0;
    for (; read < piece.length && !this.done && !this.broken; read += 1) this.#state = this.#next(piece.charAt(read));
    return { thought: this.#thought, json: this.#json, read };
  }

  #next(char: string): State {
    const isWhite = WHITE.test(char);
    const state = this.#state;
    switch (state) {
      case "start":
        return isWhite ? state : this.#start(char);
      case "key?":
        return isWhite || char === "," ? state : this.#keyOrEnd(char);
      case "key":
        this.#key += char;
        return char === '"' && !/(?:^|[^\\])(?:\\\\)*\\"$/.test(this.#key) ? "colon" : state;
      case "colon":
        if (isWhite) return state;
        return char === ":" ? "value?" : "broken";
      case "value?":
        return isWhite ? state : this.#begin(char);
      case "thought":
        this.#thought += this.#thoughtReader?.push(char) ?? "";
        return this.#thoughtReader?.done === true ? "value" : state;
      case "string":
        return this.#inString(char);
      case "quoted":
        return isWhite ? state : this.#afterQuote(char);
      case "value":
        return this.#inValue(char, isWhite);
      case "done":
      case "broken":
        return state;
    }
  }

  #start(char: string): State {
    if (char !== "{") return "broken";
    this.#depth = 1;
    this.#json += char;
    return "key?";
  }

  #keyOrEnd(char: string): State {
    if (char === "}") return this.#end();
    this.#key = char;
    return char === '"' ? "key" : "broken";
  }

  /** Begins the value of a pair in the outermost object. */
  #begin(char: string): State {
    if (char === '"' && this.#thoughtReader === undefined && THOUGHT_PARAMETERS.has(this.#key.slice(1, -1))) {
      this.#thoughtReader = new StringReader();
      return "thought";
    }
    if (/[,:}\]]/.test(char)) return "broken";
    this.#json += `${this.#pairs > 0 ? "," : ""}${this.#key}:`;
    this.#pairs += 1;
    return this.#inValue(char, false);
  }

  #inValue(char: string, isWhite: boolean): State {
    if (WORD.test(char)) {
      this.#word += char;
      return "value";
    }
    if (!this.#passWord()) return "broken";
    if (isWhite) return "value";
    if (char === "," && this.#depth === 1) return "key?";
    if (char === "}" || char === "]") return this.#close(char);
    if (!/[",:{[]/.test(char)) return "broken";
    if (char === "{" || char === "[") this.#depth += 1;
    this.#pass(char === "," ? "" : char);
    if (char === ",") this.#held = char;
    return char === '"' ? "string" : "value";
  }

  #close(bracket: string): State {
    // Drops a trailing comma.
    this.#held = "";
    this.#depth -= 1;
    if (this.#depth === 0) return bracket === "}" ? this.#end() : "broken";
    this.#json += bracket;
    return "value";
  }

  #inString(char: string): State {
    if (this.#isEscaped) {
      this.#isEscaped = false;
      this.#json += /["\\/bfnrtu]/.test(char) ? `\\${char}` : plain(char);
      return "string";
    }
    if (char === '"') {
      this.#held = char;
      return "quoted";
    }
    if (char === "\\") this.#isEscaped = true;
    else this.#json += plain(char);
    return "string";
  }

  /** After a quote inside a string: unless a value can end here, the quote was meant as text. */
  #afterQuote(char: string): State {
    if (!/[,:}\]]/.test(char)) return "broken";
    this.#pass("");
    return this.#inValue(char, false);
  }

  #passWord(): boolean {
    if (this.#word === "") return true;
    const word = PYTHON[this.#word] ?? this.#word;
    this.#word = "";
    if (!LITERAL.test(word)) return false;
    this.#pass(word);
    return true;
  }

  #pass(json: string): void {
    this.#json += this.#held + json;
    this.#held = "";
  }

  #end(): State {
    this.#json += "}";
    return "done";
  }
}

/** A character as it must be written in a JSON string. */
function plain(char: string): string {
  return char < " " ? JSON.stringify(char).slice(1, -1) : char;
}
