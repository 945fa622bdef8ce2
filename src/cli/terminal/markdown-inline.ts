import { Chalk } from "chalk";
import type { MarkedToken, Token } from "marked";
import { visible } from "./sanitize.ts";
import { wrap } from "./wrap.ts";

/** Colours a text without line breaks. */
type Paint = (text: string) => string;

/** The colours of rendered text. Without colour the layout stays the same. */
export type Ink = Record<"heading" | "strong" | "em" | "del" | "code" | "link" | "faint", Paint>;

/** A stretch of text in one colour. */
export type Span = { text: string; paint: Paint };

export function createInk(color: boolean): Ink {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return {
    heading: chalk.bold,
    strong: chalk.bold,
    em: chalk.italic,
    del: chalk.strikethrough,
    code: chalk.cyan,
    link: chalk.underline,
    faint: chalk.dim,
  };
}

export const plain: Paint = (text) => text;

const MARKED_TYPES: ReadonlySet<string> = new Set<MarkedToken["type"]>([
  ...(["blockquote", "br", "checkbox", "code", "codespan", "def", "del", "em", "escape", "heading", "hr"] as const),
  ...(["html", "image", "link", "list", "list_item", "paragraph", "space", "strong", "table", "text"] as const),
]);

/** Narrows marked's token type. Without extensions, every token passes. */
export function isMarkedToken(token: Token): token is MarkedToken {
  return MARKED_TYPES.has(token.type);
}

/** The text of inline tokens, as coloured spans. */
export function inline(tokens: readonly Token[], ink: Ink, paint: Paint = plain): Span[] {
  const spans = tokens.filter(isMarkedToken).flatMap((token) => spansOf(token, ink, paint));
  // The parser turns references such as &#27; into characters.
  return spans.map((span) => ({ ...span, text: visible(span.text).replaceAll("\t", " ") }));
}

/** Lines at most `width` cells wide, each coloured separately so that no colour leaks into neighbouring text. */
export function paintLines(spans: readonly Span[], width: number): string[] {
  const text = spans.map((span) => span.text).join("");
  let first = 0;
  let offset = 0;
  return wrap(text, width).map(({ start, end }) => {
    let line = "";
    for (let span = spans[first], at = offset; span !== undefined && at < end; span = spans[first]) {
      const stop = at + span.text.length;
      const part = span.text.slice(Math.max(0, start - at), end - at);
      if (part !== "") line += span.paint(part);
      if (stop > end) break;
      first += 1;
      offset = at = stop;
    }
    return line;
  });
}

function spansOf(token: MarkedToken, ink: Ink, paint: Paint): Span[] {
  switch (token.type) {
    case "strong":
    case "em":
    case "del":
      return inline(token.tokens, ink, (text) => paint(ink[token.type](text)));
    case "codespan":
      return [{ text: token.text.trim(), paint: (text) => paint(ink.code(text)) }];
    case "br":
      return [{ text: "\n", paint }];
    case "link":
    case "image":
      return linkSpans(token, ink, paint);
    case "text":
      if (token.tokens !== undefined) return inline(token.tokens, ink, paint);
      return [{ text: collapsed(decoded(token.text)), paint }];
    case "escape":
      return [{ text: token.text, paint }];
    // The list item shows it.
    case "checkbox":
      return [];
    case "paragraph":
    case "heading":
      return inline(token.tokens, ink, paint);
    case "html":
    case "blockquote":
    case "code":
    case "def":
    case "hr":
    case "list":
    case "list_item":
    case "space":
    case "table":
      return [{ text: collapsed(token.raw), paint }];
  }
}

function linkSpans(token: MarkedToken & { type: "link" | "image" }, ink: Ink, paint: Paint): Span[] {
  const linked: Paint = (text) => paint(ink.link(text));
  const href = decoded(token.href);
  const spans = token.tokens.length > 0 ? inline(token.tokens, ink, linked) : [{ text: token.text, paint: linked }];
  const shown = spans.map((span) => span.text).join("");
  if (shown === "") return [{ text: href, paint: linked }];
  const same = shown === href || href === `mailto:${shown}` || href === `http://${shown}`;
  return same ? spans : [...spans, { text: ` (${href})`, paint: (text) => paint(ink.faint(text)) }];
}

/** Collapses blanks but keeps line breaks: people write chats line by line. */
function collapsed(text: string): string {
  return text.replace(/[ \t]*\n[ \t]*/g, "\n").replace(/[ \t]+/g, " ");
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: "\u00a0" };

/** Decodes common character references that the parser leaves alone. */
function decoded(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|nbsp);/g, (reference, name: string) => NAMED[name] ?? reference);
}
