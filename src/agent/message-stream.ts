/**
 * Extracts the `message` argument of a `send_message` call from JSON that is still being generated, so that a reply can be
 * shown as it is written.
 */
export class MessageStream {
  #json = "";
  /** Where to continue reading; undefined until the value has begun. */
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
    // Drop what was read: a message may arrive in very many pieces.
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

/** Where the value of the key `message` begins. An escaped quote is not mistaken for the key's own. */
function valueStart(json: string, from: number): number | undefined {
  const match = /"message"\s*:\s*"/.exec(json.slice(from));
  return match === null ? undefined : from + match.index + match[0].length;
}

/** Most characters of the key with the white space around its colon. */
const LONGEST_KEY = 100;

/** Length of an escape in characters. A high surrogate includes its low one, because half a pair cannot be shown. */
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
