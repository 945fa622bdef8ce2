import { decode, encodingOf } from "./encoding.ts";
import { Unreadable } from "./input.ts";
import { delimiterOf } from "./delimiter.ts";

/** A kind of document that can be read. */
export type Kind = "code" | "csv" | "docx" | "epub" | "html" | "json" | "jsonl" | "markdown" | "pdf" | "text";

/** Kinds that are streamed, whatever their length. */
export type FlowingKind = "code" | "csv" | "jsonl" | "markdown" | "text";

/** Kinds that must be in memory as a whole. */
export type Whole = { readonly kind: "html" | "json"; readonly encoding: string } | { readonly kind: "pdf" | "zip" };

/** A kind of document, with its encoding if it is text; or the name of a format that is not read. */
export type Identified =
  | Whole
  | { readonly kind: FlowingKind; readonly encoding: string }
  | { readonly kind: "binary"; readonly what: string };

/** Names of source code and configuration. */
const CODE =
  /\.(?:[cm]?[jt]sx?|py|rb|rs|go|java|kt|kts|swift|scala|c|h|cc|cpp|hpp|cs|m|mm|php|pl|pm|lua|r|jl|sh|bash|zsh|fish|ps1|sql|css|scss|less|vue|svelte|ya?ml|toml|ini|cfg|conf|properties|gradle|cmake|mk|makefile|dockerfile|proto|graphql|tf|xml|xsl|svg|tex|ex|exs|erl|hs|clj|lisp|el|vim|dart|nim|zig|asm|s|diff|patch)$|(?:^|[/\\])(?:makefile|dockerfile|rakefile|gemfile)$/i;
/** Largest share of control characters in a text. */
const MOST_CONTROLS = 0.01;

/**
 * Identifies a document by its first bytes. Its name only decides between kinds of text that look alike.
 */
export async function identify(name: string, head: Uint8Array): Promise<Identified> {
  if (startsWith(head.subarray(0, 1024), "%PDF-")) return { kind: "pdf" };
  if (head[0] === 0x50 && head[1] === 0x4b && (head[2] ?? 0) <= 7) return { kind: "zip" };
  if (startsWith(head.subarray(0, 5), "{\\rtf")) return { kind: "binary", what: "an RTF document (save it as DOCX)" };
  const encoding = await textEncodingOf(head);
  if (encoding === undefined) return { kind: "binary", what: await binaryName(head) };
  return { kind: textKind(name, decode(head, encoding).replace(/^\ufeff/, "")), encoding };
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes).includes(text, 0, "latin1");
}

/** Undefined if it is not text. */
async function textEncodingOf(head: Uint8Array): Promise<string | undefined> {
  try {
    const encoding = await encodingOf(head, declaredIn(head));
    const text = decode(head, encoding);
    const controls = text.match(/[\0-\x08\x0e-\x1a\x1c-\x1f\ufffd]/g)?.length ?? 0;
    const hasZero = !encoding.startsWith("utf-16") && head.includes(0);
    return hasZero || controls > MOST_CONTROLS * text.length + 1 ? undefined : encoding;
  } catch (error) {
    if (error instanceof Unreadable) return undefined;
    throw error;
  }
}

/** The encoding that an HTML or XML document declares. */
function declaredIn(head: Uint8Array): string | undefined {
  const start = decode(head.subarray(0, 2048), "latin1");
  return /<meta[^>]+charset=["']?([\w-]+)/i.exec(start)?.[1] ?? /^<\?xml[^>]+encoding=["']([\w-]+)/.exec(start)?.[1];
}

async function binaryName(head: Uint8Array): Promise<string> {
  const { fileTypeFromBuffer } = await import("file-type");
  const type = await fileTypeFromBuffer(head).catch(() => undefined);
  return type === undefined ? "binary data" : `${type.ext.toUpperCase()} (${type.mime})`;
}

function textKind(name: string, text: string): FlowingKind | "html" | "json" {
  const start = text.trimStart();
  if (/^(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b/i.test(start)) return "html";
  if (/^[[{]/.test(start)) {
    const json = jsonKind(start);
    if (json !== undefined) return json;
  }
  if (CODE.test(name) || start.startsWith("#!") || start.startsWith("<?xml")) return "code";
  if (/\.(?:md|markdown|mdx)$/i.test(name) || looksLikeMarkdown(text)) return "markdown";
  if (/\.html?$/i.test(name)) return "html";
  return delimiterOf(text, /\.[ct]sv$/i.test(name)) === undefined ? "text" : "csv";
}

/** `jsonl` if each of the first lines is JSON, `json` if the text begins like it. Only reading it shows whether all of it is. */
function jsonKind(start: string): "json" | "jsonl" | undefined {
  const lines = start.split("\n");
  const [first = "", second = ""] = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (isJson(first)) return /^[[{]/.test(second) && (isJson(second) || lines.length <= 2) ? "jsonl" : "json";
  return /^\{\s*(?:"|\})|^\[\s*(?:["{[\]]|-?\d|true|false|null)/.test(start) ? "json" : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether it has a heading and one more sign of Markdown. */
function looksLikeMarkdown(text: string): boolean {
  const signs = [
    /^#{1,6} \S/m,
    /^(?:```|~~~)/m,
    /^\s*[-*+] \S/m,
    /\[[^\]\n]+\]\([^)\s]+\)/,
    /\*\*[^*\n]+\*\*/,
    /^\|.*\|\s*$/m,
  ];
  return /(?:^|\n\s*\n)#{1,6} \S/.test(text) && signs.filter((sign) => sign.test(text)).length >= 2;
}
