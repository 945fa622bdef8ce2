/** Longest passage, in characters; about 300 tokens of English, as the original splits them. */
const CHUNK_CHARACTERS = 1200;

/**
 * Splits a long text into passages at paragraph, line, sentence or word ends, whichever comes latest in the second half
 * of a chunk. A text that fits stays whole. No character but surrounding white space is lost.
 */
export function chunk(text: string, size = CHUNK_CHARACTERS): string[] {
  const chunks: string[] = [];
  let rest = text.trim();
  while (rest.length > size) {
    const end = breakPoint(rest, size);
    chunks.push(rest.slice(0, end).trim());
    rest = rest.slice(end).trim();
  }
  if (rest !== "") chunks.push(rest);
  return chunks;
}

function breakPoint(text: string, size: number): number {
  const window = text.slice(0, size);
  for (const separator of ["\n\n", "\n", ". ", "。", " "]) {
    const at = window.lastIndexOf(separator);
    if (at >= size / 2) return at + separator.length;
  }
  const last = window.charCodeAt(size - 1);
  return last >= 0xd800 && last <= 0xdbff ? size - 1 : size;
}
