/** Makes a streamed text `visible`, piece by piece. `end` marks the last piece. */
export type Sanitizer = (delta: string, end?: boolean) => string;

/**
 * Neutralises everything in an untrusted text that could act on a terminal.
 *
 * Keeps newlines and tabs. Turns `\r\n` and the Unicode line separators into `\n`, C0 controls and DEL into their control
 * pictures (`␛`), C1 controls, bidirectional overrides and lone surrogates into U+FFFD, and invisible characters into their
 * codes (`<U+200B>`). Keeps joiners, which emoji and Persian and Indic words need.
 */
export function visible(text: string): string {
  return text.replace(UNSAFE, picture);
}

/**
 * `visible` for a text that arrives in pieces: the joined outputs equal `visible` of the joined pieces, wherever the cuts
 * fall. Half a `\r\n` or surrogate pair at the end of a piece waits for the next one.
 */
export function createSanitizer(): Sanitizer {
  let held = "";
  return (delta, end = false) => {
    const text = held + delta;
    const cut = end ? text.length : text.length - (INCOMPLETE.test(text) ? 1 : 0);
    held = text.slice(cut);
    return visible(text.slice(0, cut));
  };
}

const UNSAFE =
  /\r\n|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\p{Surrogate}\u{e0000}-\u{e007f}]/gu;
const INCOMPLETE = /[\r\ud800-\udbff]$/;

function picture(unsafe: string): string {
  if (unsafe === "\r\n" || unsafe === "\u2028" || unsafe === "\u2029") return "\n";
  if (unsafe === "\u007f") return "\u2421";
  const code = unsafe.codePointAt(0) ?? 0;
  if (/^[\u200b\u200e\u200f\u2060-\u2064\ufeff\u{e0000}-\u{e007f}]$/u.test(unsafe))
    return `<U+${code.toString(16).toUpperCase()}>`;
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
}
