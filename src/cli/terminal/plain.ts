const SIGNS: readonly (readonly [string, string])[] = [
  ["→", "->"],
  ["…", "..."],
  [" · ", ", "],
];

/** `text` for where nothing is drawn but ASCII: what the program itself puts between words is written out. */
export function plainly(text: string): string {
  return SIGNS.reduce((current, [sign, plain]) => current.replaceAll(sign, plain), text);
}
