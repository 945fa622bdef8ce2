/** Joins the lines of a text into one. */
export function oneLine(text: string): string {
  return text
    .trim()
    .replace(/\s*\n\s*/g, "; ")
    .replace(/\s+/g, " ");
}

/** The start of a text as one line of at most `most` characters. */
export function excerpt(text: string, most: number): string {
  const line = oneLine(text);
  return line.length <= most ? line : `${line.slice(0, most - 3).trimEnd()}...`;
}

/** As `excerpt`, but shows the part around `word` if the start of the text does not include it. */
export function excerptAround(text: string, word: string, most: number): string {
  const line = oneLine(text);
  const at = line.toLowerCase().indexOf(oneLine(word).toLowerCase());
  if (at < 0 || line.length <= most || at + word.length <= most - 3) return excerpt(text, most);
  const from = Math.max(0, at - Math.max(0, Math.floor((most - word.length) / 2)));
  return `...${excerpt(line.slice(from), most - 3)}`;
}

/** `1 message`, `3 messages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  // Loading the locale data takes longer than listing agents does.
  const number = count < 1000 ? String(count) : count.toLocaleString("en-US");
  return `${number} ${count === 1 ? one : many}`;
}

/** `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}

/** `a, b and 7 more`. */
export function namedFew(names: readonly string[], most = 20): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}
