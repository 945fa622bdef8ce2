/**
 * Reads the `message` argument of a `send_message` call out of its JSON text while that is still being generated, so
 * that a reply can be shown as it is written.
 */
export class MessageStream {
  #json = "";
  /** Where reading goes on; undefined until the value has begun. */
  #at: number | undefined;
  #done = false;

  /** @returns the text that `piece` added to the message. */
  push(piece: string): string {
    if (this.#done) return "";
    this.#json += piece;
    const from = Math.max(0, this.#json.length - piece.length - LONGEST_KEY);
    this.#at ??= valueStart(this.#json, from);
    if (this.#at === undefined) return "";
    const text = this.#read(this.#at);
    // What was read is not kept: a message may come in very many pieces.
    this.#json = this.#json.slice(this.#at);
    this.#at = 0;
    return text;
  }

  #read(start: number): string {
    let text = "";
    let at = start;
    while (at < this.#json.length) {
      const char = this.#json.charAt(at);
      if (char === '"') {
        this.#done = true;
        break;
      }
      const length = char === "\\" ? escapeLength(this.#json, at) : 1;
      if (at + length > this.#json.length) break;
      text += length === 1 ? char : unescape(this.#json.slice(at, at + length));
      at += length;
    }
    this.#at = at;
    return text;
  }
}

/** Where the value of the key `message` begins. An escaped quote cannot be taken for the key's own. */
function valueStart(json: string, from: number): number | undefined {
  const match = /"message"\s*:\s*"/.exec(json.slice(from));
  return match === null ? undefined : from + match.index + match[0].length;
}

/** The key with the white space around its colon, in characters. */
const LONGEST_KEY = 100;

/** Characters an escape takes; a high surrogate takes its low one along, since half a character cannot be shown. */
function escapeLength(json: string, at: number): number {
  if (json.charAt(at + 1) !== "u") return 2;
  return /^\\u[dD][89abAB]/.test(json.slice(at, at + 4)) ? 12 : 6;
}

function unescape(escape: string): string {
  try {
    return String(JSON.parse(`"${escape}"`));
  } catch {
    return "\uFFFD";
  }
}
