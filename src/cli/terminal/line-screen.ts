import type { WriteStream } from "node:tty";
import type { View } from "./editing.ts";
import { ERASE_BELOW } from "./erase.ts";
import { type Layout, clip, layout, listed, paint, reflowedCursorRow } from "./layout.ts";
import { visible } from "./sanitize.ts";

/** How a line is drawn. */
export type LineStyle = {
  /** One line; may hold colour codes. */
  readonly prompt: string;
  /** Stands before the second and later lines of a text (default: `"... "`). */
  readonly continuation?: string;
  /** Whether to draw an offered text faint. */
  readonly faint?: boolean;
};

const NOTHING_SHOWN: Layout = { rows: [], cursor: { row: 0, column: 0, head: "" } };
const CURSOR_OFF = "\x1b[?25l";
export const CURSOR_ON = "\x1b[?25h";
const CLEAR_SCREEN = "\x1b[H\x1b[2J";

/** Draws the line being edited, and keeps track of what is on the screen. */
export class LineScreen {
  readonly #output: WriteStream;
  #shown = NOTHING_SHOWN;
  #scrolled = 0;

  constructor(output: WriteStream) {
    this.#output = output;
  }

  /** Starts a new line. */
  open(): void {
    this.#shown = NOTHING_SHOWN;
    this.#scrolled = 0;
  }

  /** Starts at the cursor again, after something else was written. */
  restart(): void {
    this.#shown = NOTHING_SHOWN;
  }

  paint(style: LineStyle, view: View): void {
    const window = this.#window;
    const { shown, scrolled } = clip(this.#layout(style, view), window.rows, this.#scrolled);
    const room = window.rows - shown.rows.length;
    const below = listed(view.below, window.columns, room);
    const next = { rows: [...shown.rows, ...below], cursor: shown.cursor };
    this.#output.write(`${CURSOR_OFF}${this.#erase()}${paint(next)}${CURSOR_ON}`);
    this.#shown = next;
    this.#scrolled = scrolled;
  }

  /**
   * Adapts to a new window size. Terminals differ in whether they re-wrap rows. This assumes the smaller rise: it may leave
   * a row behind, but never erases what stood above.
   */
  resize(): void {
    const { columns, rows } = this.#window;
    const row = Math.min(this.#shown.cursor.row, reflowedCursorRow(this.#shown, columns), rows - 1);
    this.#shown = { ...this.#shown, cursor: { ...this.#shown.cursor, row } };
  }

  /** Leaves the whole text on the screen and the cursor on a fresh line below it. */
  finish(style: LineStyle, text: string): void {
    const view = { prompt: undefined, text, cursor: text.length, below: [], isOffered: false };
    this.#output.write(`${this.#erase()}${paint(this.#layout(style, view))}\r\n`);
  }

  /** Removes the line from the screen. */
  erase(): void {
    this.#output.write(this.#erase());
  }

  /** Writes a text in place of the line, which is drawn again below it. */
  showAbove(text: string): void {
    this.#output.write(`${this.#erase()}${visible(text).replaceAll("\n", "\r\n")}\r\n`);
    this.#shown = NOTHING_SHOWN;
  }

  /** Clears the screen. Erases the line first, because some terminals keep cleared rows in their scrollback. */
  clear(): void {
    this.#output.write(`${this.#erase()}${CLEAR_SCREEN}`);
    this.#shown = NOTHING_SHOWN;
  }

  #layout({ prompt, continuation = "... ", faint = false }: LineStyle, view: View): Layout {
    const { text, cursor, isOffered } = view;
    const { columns } = this.#window;
    return layout({ prompt: view.prompt ?? prompt, continuation, text, cursor, columns, faint: faint && isOffered });
  }

  /** Some terminals do not know their size and report 0. */
  get #window(): { columns: number; rows: number } {
    const { columns, rows } = this.#output;
    return { columns: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  #erase(): string {
    const { row } = this.#shown.cursor;
    return (row > 0 ? `\x1b[${String(row)}A` : "") + ERASE_BELOW;
  }
}

/** Clears the screen while no line is on it. */
export function clearScreen(output: WriteStream): void {
  output.write(CLEAR_SCREEN);
}
