const SIGNS: readonly (readonly [string, string])[] = [
  ["→", "->"],
  ["…", "..."],
  [" · ", ", "],
];

/** Replaces the program's own symbols in `text` with ASCII. */
export function withAsciiSymbols(text: string): string {
  return SIGNS.reduce((current, [sign, plain]) => current.replaceAll(sign, plain), text);
}
