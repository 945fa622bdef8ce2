import { Unreadable } from "./input.ts";

/** Number of first bytes in which zeros are counted to recognise UTF-16. */
const SAMPLE = 4096;

/**
 * Detects the encoding of a text from its first bytes: by the byte order mark, zeros at every other position, validity as UTF-8,
 * `declared`, or letter statistics.
 *
 * @param declared The encoding that the text itself names, if any.
 * @returns a label that `TextDecoder` knows. @throws Unreadable for UTF-32.
 */
export async function encodingOf(head: Uint8Array, declared?: string): Promise<string> {
  const marked = byMark(head) ?? byZeros(head);
  if (marked !== undefined) return marked;
  if (isUtf8(head)) return "utf-8";
  const { detect } = await import("chardet");
  for (const label of [declared, detect(head)]) {
    if (label !== undefined && label !== null && isKnown(label)) return label;
  }
  return "windows-1252";
}

/** Decodes a stream of bytes. */
export async function* decodeChunks(
  chunks: AsyncIterable<Uint8Array>,
  encoding: string,
): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
}

export function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}

function byMark(head: Uint8Array): string | undefined {
  const [a, b, c, d] = head;
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8";
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) throw new Unreadable("its encoding is UTF-32");
  if (a === 0xff && b === 0xfe) return "utf-16le";
  if (a === 0xfe && b === 0xff) return "utf-16be";
  return undefined;
}

/** Recognises UTF-16 without a mark: in most texts, many bytes at odd or at even positions are zero, and none at the others. */
function byZeros(head: Uint8Array): string | undefined {
  const sample = head.subarray(0, SAMPLE - (SAMPLE % 2));
  const zeros = [0, 0];
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index % 2] = (zeros[index % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  const many = sample.length / 2 / 5;
  if (odd > many && even === 0) return "utf-16le";
  if (even > many && odd === 0) return "utf-16be";
  return undefined;
}

/** Whether the bytes are UTF-8, except for a last character that may be cut off. */
function isUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function isKnown(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return false;
  }
}
