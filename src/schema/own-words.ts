/** A text that others wrote, between its marks (see trust/fence.ts). One that is cut off goes to the end. */
const FENCED = /\[data ([\w-]{1,8})(?: ([^\]\s]{1,200}))?\] [^]*?(?: \[end \1\]|$)/g;

/** What a person typed, without the texts of files and pipes that came along. */
export function ownWords(text: string): string {
  return text.includes("[data ") ? text.replace(FENCED, "").trimEnd() : text;
}

/** Where the texts that came along are from: `file:NAME`, `stdin`. */
export function fencedOrigins(text: string): string[] {
  return text.includes("[data ") ? [...text.matchAll(FENCED)].flatMap(([, , origin]) => origin ?? []) : [];
}

/** A text of several messages without what others wrote in them. What is cut off stays: nobody knows where it ends. */
export function withoutFenced(text: string): string {
  return text.replace(/\[data ([\w-]{1,8})(?: [^\]\s]{1,200})?\] [^]*? \[end \1\]/g, "");
}
