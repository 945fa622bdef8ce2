import type { Key } from "node:readline";
import * as edit from "./line-buffer.ts";
import type { Edit } from "./line-buffer.ts";

/** Edits by the key that makes them. */
export const EDITS: ReadonlyMap<string, Edit> = new Map<string, Edit>([
  ["left", edit.left],
  ["ctrl-b", edit.left],
  ["right", edit.right],
  ["ctrl-f", edit.right],
  ["home", edit.home],
  ["ctrl-a", edit.home],
  ["end", edit.end],
  ["ctrl-e", edit.end],
  ["alt-b", edit.wordLeft],
  ["ctrl-left", edit.wordLeft],
  ["alt-left", edit.wordLeft],
  ["alt-f", edit.wordRight],
  ["ctrl-right", edit.wordRight],
  ["alt-right", edit.wordRight],
  ["backspace", edit.deleteBackward],
  ["delete", edit.deleteForward],
  ["ctrl-w", edit.killBlankWordLeft],
  ["alt-backspace", edit.killWordLeft],
  ["alt-d", edit.killWordRight],
  ["ctrl-delete", edit.killWordRight],
  ["ctrl-k", edit.killToEnd],
  ["ctrl-u", edit.killToStart],
  ["ctrl-y", edit.yank],
  ["ctrl-t", edit.transpose],
  ["enter", (buffer) => edit.insert(buffer, "\n")],
]);

/** What some terminals send for Shift-Enter. */
const SHIFT_ENTER: ReadonlySet<string> = new Set(["\x1b[13;2u", "\x1b[27;2;13~"]);

/** The name of a key with its modifiers, such as `ctrl-a`. */
export function chordOf(key: Key): string {
  if (SHIFT_ENTER.has(key.sequence ?? "")) return "enter";
  return `${key.ctrl === true ? "ctrl-" : ""}${key.meta === true ? "alt-" : ""}${key.name ?? ""}`;
}

/** Whether a key types text. */
export function isText(typed: string | undefined, key: Key): typed is string {
  if (typed === undefined || typed === "" || key.ctrl === true || key.meta === true) return false;
  return !/^[\u0000-\u001f\u007f-\u009f]/.test(typed);
}
