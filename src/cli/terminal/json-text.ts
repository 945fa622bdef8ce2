/**
 * `value` as JSON that only prints: what acts on a terminal, or ends a line for some readers, stands as `\uXXXX` in it,
 * which says the same. `JSON.stringify` itself escapes no more than C0 and lone surrogates.
 */
export function jsonText(value: unknown, indent?: number): string {
  return onlyPrinting(JSON.stringify(value, null, indent));
}

/** A JSON text, or a piece of one, that only prints. */
export function onlyPrinting(json: string): string {
  return json.replace(ACTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const ACTIVE = /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu;
