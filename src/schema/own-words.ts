/**
 * A text that others wrote, between its marks (see trust/fence.ts). If its end mark is cut off, it extends to the end.
 */
const FENCED = /\[data ([\w-]{1,8})(?: ([^\]\s]{1,200}))?\] [^]*?(?: \[end \1\]|$)/g;

/** What a person typed, without attached texts of files and pipes. */
export function ownWords(text: string): string {
  return text.includes("[data ") ? text.replace(FENCED, "").trimEnd() : text;
}

/** The origins of the attached texts: `file:NAME`, `stdin`. */
export function fencedOrigins(text: string): string[] {
  return text.includes("[data ") ? [...text.matchAll(FENCED)].flatMap(([, , origin]) => origin ?? []) : [];
}

/**
 * A text of several messages without what others wrote in them. A text without its end mark stays: its end is unknown.
 */
export function withoutFenced(text: string): string {
  return text.replace(/\[data ([\w-]{1,8})(?: [^\]\s]{1,200})?\] [^]*? \[end \1\]/g, "");
}
