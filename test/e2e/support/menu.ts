import { expect } from "vitest";
import type { Terminal } from "./terminal.ts";

export const DOWN = "\x1b[B";
export const UP = "\x1b[A";

/** The marked row of a menu, or "" if none is marked (in the middle of a redraw, for example). */
export function marked(terminal: Terminal): string {
  return terminal.rows.findLast((row) => row.startsWith("❯")) ?? "";
}

/** Presses `key` until the marked row matches `to`. */
export async function move(terminal: Terminal, key: string, to: RegExp): Promise<void> {
  for (let step = 0; step < 20 && !to.test(marked(terminal)); step += 1) {
    const before = marked(terminal);
    terminal.write(key);
    await terminal.until(() => !["", before].includes(marked(terminal)));
  }
  expect(marked(terminal)).toMatch(to);
}
