import { Marked } from "marked";
import type { MarkedToken, Token, Tokens } from "marked";
import { createInk, inline, isMarkedToken, paintLines, plain } from "./markdown-inline.ts";
import type { Ink } from "./markdown-inline.ts";
import { tableLines } from "./markdown-table.ts";
import { visible } from "./sanitize.ts";

export type MarkdownOptions = {
  /** In cells. Lines of code may be longer. */
  width: number;
  color: boolean;
};

const TAB_STOP = 4;
/** Cells left for text, however deeply blocks are nested. */
const MIN_WIDTH = 8;
const MAX_EMPHASIS_MARKS = 10_000;

/**
 * Shows link definitions as written. No block then depends on later ones, so that a text can be shown while it arrives.
 */
const marked = new Marked({ tokenizer: { def: () => undefined } });

/**
 * Renders markdown for a terminal: blocks separated by one blank line, no final line break. Keeps line breaks within a
 * paragraph. Never throws: shows text that cannot be parsed as written.
 */
export function renderMarkdown(text: string, { width, color }: MarkdownOptions): string {
  const source = visible(text);
  if (isTangled(source)) return plainLines(source, width).join("\n");
  try {
    return blocks(marked.lexer(source), Math.max(width, MIN_WIDTH), createInk(color)).join("\n");
  } catch {
    // Absurdly deep nesting exhausts the stack.
    return plainLines(source, width).join("\n");
  }
}

/**
 * Renders the finished part of a text that is still arriving: all but its last block, which later text may change.
 * `length` is the length of the rendered part of `text`. `text` must already be `visible`.
 */
export function renderFinished(text: string, { width, color }: MarkdownOptions): { rendered: string; length: number } {
  // An incomplete line may still turn into something else.
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  if (isTangled(complete)) return { rendered: "", length: 0 };
  try {
    const tokens = marked.lexer(complete);
    const last = tokens.findLastIndex((token) => token.type !== "space");
    const finished = tokens.slice(0, Math.max(0, last));
    const source = finished.map((token) => token.raw).join("");
    if (!complete.startsWith(source)) return { rendered: "", length: 0 };
    const lines = blocks(finished, Math.max(width, MIN_WIDTH), createInk(color));
    return { rendered: lines.join("\n"), length: source.length };
  } catch {
    return { rendered: "", length: 0 };
  }
}

/** Parsing emphasis marks takes quadratic time. */
function isTangled(text: string): boolean {
  return text.replace(/[^*_]+/g, "").length > MAX_EMPHASIS_MARKS;
}

function blocks(tokens: readonly Token[], width: number, ink: Ink, tight = false): string[] {
  const shown = tokens.filter(isMarkedToken).map((token) => withoutBlankEnds(block(token, width, ink)));
  const filled = shown.filter((lines) => lines.length > 0);
  return filled.flatMap((lines, index) => (index === 0 || tight ? lines : ["", ...lines]));
}

function block(token: MarkedToken, width: number, ink: Ink): string[] {
  switch (token.type) {
    case "space":
    case "checkbox":
      return [];
    case "heading":
      return paintLines(inline(token.tokens, ink, ink.heading), width);
    case "hr":
      return [ink.faint("─".repeat(width))];
    case "code":
      return token.text.split("\n").map((line) => indented("  ", ink.code(expandTabs(line).trimEnd())));
    case "blockquote":
      return blocks(token.tokens, inner(width, 2), ink).map((line) => indented(`${ink.faint("│")} `, line));
    case "list":
      return list(token, width, ink);
    case "table":
      return tableLines(token, width, ink);
    case "html":
      return plainLines(token.raw.trimEnd(), width);
    case "br":
    case "codespan":
    case "def":
    case "del":
    case "em":
    case "escape":
    case "image":
    case "link":
    case "list_item":
    case "paragraph":
    case "strong":
    case "text":
      return paintLines(inline([token], ink), width);
  }
}

function list(token: Tokens.List, width: number, ink: Ink): string[] {
  const start = token.start === "" ? 1 : token.start;
  const markers = token.items.map((_, index) => (token.ordered ? `${String(start + index)}.` : "•"));
  const indent = Math.max(...markers.map((marker) => marker.length)) + 1;
  return token.items.flatMap((item, index) => {
    const box = item.task ? (item.checked === true ? "[x] " : "[ ] ") : "";
    const hang = indent + box.length;
    const body = blocks(item.tokens, inner(width, hang), ink, !token.loose);
    const marker = `${(markers[index] ?? "").padStart(indent - 1)} ${box}`;
    const [first = "", ...rest] = body;
    const lines = [indented(marker, first), ...rest.map((line) => indented(" ".repeat(hang), line))];
    return token.loose && index > 0 ? ["", ...lines] : lines;
  });
}

/** Trims the indent of an empty line. */
function indented(indent: string, line: string): string {
  return line === "" ? indent.replace(/ +$/, "") : indent + line;
}

function withoutBlankEnds(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => line !== "");
  return first === -1 ? [] : lines.slice(first, lines.findLastIndex((line) => line !== "") + 1);
}

function inner(width: number, indent: number): number {
  return Math.max(width - indent, MIN_WIDTH);
}

function plainLines(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => paintLines([{ text: expandTabs(line), paint: plain }], width));
}

function expandTabs(line: string): string {
  let column = 0;
  return line.replace(/[^\t]+|\t/g, (part) => {
    const shown = part === "\t" ? " ".repeat(TAB_STOP - (column % TAB_STOP)) : part;
    column += shown.length;
    return shown;
  });
}
