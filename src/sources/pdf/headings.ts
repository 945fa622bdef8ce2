import type { PdfLine } from "./lines.ts";

/** An entry of a document's outline: the page where its section begins. */
export type OutlineEntry = { readonly title: string; readonly page: number };

/** A line, or the rest of it after the heading that begins there. */
export type MarkedLine = PdfLine & { readonly heading?: string | undefined };

/** Most lines of a title. */
const MOST_LINES = 3;
/** Letters larger than the body's by this factor mark a heading. */
const LARGER = 1.15;
const LONGEST = 150;

/** Marks the lines where sections begin: by the outline, or else by letter size. */
export function withHeadings(lines: readonly PdfLine[], outline: readonly OutlineEntry[]): MarkedLine[] {
  return outline.length > 0 ? byOutline(lines, outline) : bySize(lines);
}

function byOutline(lines: readonly PdfLine[], outline: readonly OutlineEntry[]): MarkedLine[] {
  const marked: (MarkedLine | undefined)[] = [...lines];
  for (const { title, page } of outline) {
    const place = placeOf(title, page, marked);
    if (place === undefined) continue;
    const { first, count, rest } = place;
    const line = marked[first];
    if (line === undefined) continue;
    marked[first] = { ...line, heading: title, text: rest };
    for (let i = 1; i < count; i += 1) marked[first + i] = undefined;
  }
  return marked.flatMap((line) => line ?? []);
}

type Found = { readonly first: number; readonly count: number; readonly rest: string };

/** The lines of a page with the title, which may have a number before it or text after it; otherwise the page's first line. */
function placeOf(title: string, page: number, lines: readonly (MarkedLine | undefined)[]): Found | undefined {
  const titleLetters = letters(title);
  let top: number | undefined;
  for (const [first, line] of lines.entries()) {
    if (line?.page !== page) continue;
    top ??= first;
    if (line.heading !== undefined || titleLetters === "") continue;
    let text = "";
    for (let count = 1; count <= MOST_LINES; count += 1) {
      text = `${text} ${lines[first + count - 1]?.text ?? ""}`.trim();
      const end = endOfTitle(text, titleLetters);
      if (end !== undefined) return { first, count, rest: text.slice(end).trim() };
    }
  }
  const line = top === undefined ? undefined : lines[top];
  return top === undefined || line === undefined || line.heading !== undefined
    ? undefined
    : { first: top, count: 1, rest: line.text };
}

/** Index after the title at the start of `text`, which may follow a number; undefined if it is not there. */
function endOfTitle(text: string, title: string): number | undefined {
  const number = /^(?:[\dIVX]+(?:\.\d+)*\.?|[A-Z]\.)\s+/.exec(text)?.[0].length ?? 0;
  return endFrom(0, text, title) ?? (number === 0 ? undefined : endFrom(number, text, title));
}

/** Index after `title`, if the letters of the text from `start` on begin with it. */
function endFrom(start: number, text: string, title: string): number | undefined {
  let rest = title;
  for (let at = start; at < text.length; at += 1) {
    const next = letters(text.charAt(at));
    if (!rest.startsWith(next)) return undefined;
    rest = rest.slice(next.length);
    if (rest === "") return at + 1 + (/^[.:)\]\s]*/.exec(text.slice(at + 1))?.[0].length ?? 0);
  }
  return undefined;
}

function letters(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

function bySize(lines: readonly PdfLine[]): MarkedLine[] {
  const body = bodyHeight(lines);
  const marked: MarkedLine[] = [];
  for (const line of lines) {
    const isHeading = line.height >= LARGER * body && line.text.length <= LONGEST && /\p{L}/u.test(line.text);
    const before = marked.at(-1);
    if (!isHeading) {
      marked.push(line);
    } else if (
      before?.heading !== undefined &&
      before.page === line.page &&
      Math.abs(before.height - line.height) < 1
    ) {
      marked[marked.length - 1] = { ...before, heading: `${before.heading} ${line.text}` };
    } else {
      marked.push({ ...line, heading: line.text, text: "" });
    }
  }
  return marked;
}

/** The height of most letters. */
function bodyHeight(lines: readonly PdfLine[]): number {
  const counts = new Map<number, number>();
  for (const { height, text } of lines) {
    const rounded = Math.round(height * 2) / 2;
    counts.set(rounded, (counts.get(rounded) ?? 0) + text.length);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? 0;
}
