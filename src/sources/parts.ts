import { endWithin } from "../schema/beginning.ts";
/**
 * Cuts a text into parts of at most `longest` UTF-16 units: after a line break, or else a space, in the second half of a part; or
 * else between two characters.
 */
export function* partsOf(text: string, longest: number): Generator<string, void, void> {
  let rest = text;
  while (rest.length > longest) {
    const end = endOf(rest, longest);
    yield rest.slice(0, end);
    rest = rest.slice(end);
  }
  yield rest;
}

function endOf(text: string, longest: number): number {
  for (const separator of ["\n", " "]) {
    const at = text.lastIndexOf(separator, longest - 1);
    if (at > longest / 2) return at + 1;
  }
  return endWithin(text, longest);
}
