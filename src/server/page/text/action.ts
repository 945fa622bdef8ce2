const WORDS = [
  [/^turn (?=")/, ""],
  [/^\/load /, "going to "],
  [/^\/core edit /, "edit of "],
  [/^undo$/, "an undo"],
  [/^redo$/, "a redo"],
] as const;

/** A turn or command as the page calls it; the journal has the terminal's name for it. */
export function inWords(label: string): string {
  const found = WORDS.find(([form]) => form.test(label));
  return found === undefined ? label : label.replace(found[0], found[1]);
}
