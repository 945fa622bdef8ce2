/**
 * `value` as JSON that is safe to print: characters that act on a terminal, or end a line for some readers, become
 * `\uXXXX`. `JSON.stringify` itself escapes only C0 and lone surrogates.
 */
export function jsonText(value: unknown, indent?: number): string {
  return safeJson(JSON.stringify(value, null, indent));
}

/** Makes a JSON text, or a piece of one, safe to print. */
export function safeJson(json: string): string {
  return json.replace(ACTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const ACTIVE = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;
