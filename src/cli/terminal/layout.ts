import { visible } from "./sanitize.ts";
import { clusters, cut, isContested, textWidth, widestWidth } from "./width.ts";

const TAB = "    ";
const FAINT_ON = "\x1b[2m";
const FAINT_OFF = "\x1b[22m";

/** A text being edited, with its prompt, in a window `columns` cells wide. */
type LayoutInput = {
  /** May hold colour codes, but no line break. */
  prompt: string;
  /** Stands before the second and later lines of the text. */
  continuation: string;
  text: string;
  /** UTF-16 offset into `text`. */
  cursor: number;
  columns: number;
  /** Whether to draw the text faint. */
  faint?: boolean;
};

/** One row of the window. `soft`: the terminal itself wraps to the next row, so that copied text has no line break. */
export type Row = { text: string; width: number; soft: boolean };

/** `head` is the text before the cursor in its row, `column` its width as we count it. */
export type Layout = { rows: Row[]; cursor: { row: number; column: number; head: string } };

/**
 * Breaks a text into rows as the terminal would, wherever terminals agree. Control characters become pictures, tabs four
 * spaces; a prompt wider than the window is left out.
 */
export function layout({ prompt, continuation, text, cursor, columns, faint = false }: LayoutInput): Layout {
  const rows: Row[] = [];
  const [on, off] = faint ? [FAINT_ON, FAINT_OFF] : ["", ""];
  const start = (text: string): { text: string; width: number; contested: boolean } => {
    const width = textWidth(text);
    const fits = width < columns;
    return { text: (fits ? text : "") + on, width: fits ? width : 0, contested: false };
  };
  let row = start(prompt);
  let found: Layout["cursor"] | undefined;

  const finish = (soft: boolean): void => {
    rows.push({ text: row.text + off, width: row.width, soft: soft && !row.contested });
    row = start("");
  };
  const put = (cell: string, width: number): void => {
    if (row.width + width > columns && row.width > 0) finish(true);
    row = { text: row.text + cell, width: row.width + width, contested: row.contested || isContested(cell) };
  };
  // The cursor is where the next character will go: after a full row, on the row below.
  const mark = (next: number, goesOn: boolean): void => {
    if (row.width + next > columns && row.width > 0) finish(goesOn);
    found = { row: rows.length, column: row.width, head: row.text + off };
  };

  let offset = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (index > 0) {
      finish(false);
      offset += 1;
      row = start(continuation);
    }
    for (const cluster of clusters(line)) {
      const shown = cluster === "\t" ? TAB : visible(cluster).replace("\n", "\u2424");
      const width = widestWidth(shown);
      if (offset === cursor) mark(shown === TAB ? 1 : width, true);
      if (shown === TAB) for (const space of TAB) put(space, 1);
      else put(shown, width);
      offset += cluster.length;
    }
    if (offset === cursor) mark(1, false);
  }
  finish(false);
  return { rows, cursor: found ?? { row: rows.length - 1, column: 0, head: "" } };
}

/** The rows around the cursor that fit a window of `height` rows, scrolled no further than needed. */
export function clip(whole: Layout, height: number, scrolled: number): { shown: Layout; scrolled: number } {
  const last = Math.max(0, whole.rows.length - height);
  const lowest = Math.max(0, whole.cursor.row - height + 1);
  const top = Math.min(last, whole.cursor.row, Math.max(scrolled, lowest));
  const rows = whole.rows.slice(top, top + height);
  return { shown: { rows, cursor: { ...whole.cursor, row: whole.cursor.row - top } }, scrolled: top };
}

/**
 * The output that draws a layout from the start of its first row. It prints the text before the cursor last, so that the
 * cursor is right even if the terminal disagrees about the width of a character.
 */
export function paint({ rows, cursor }: Layout): string {
  const body = rows.map(({ text, soft }, index) => (soft || index === rows.length - 1 ? text : `${text}\r\n`)).join("");
  const rise = rows.length - 1 - cursor.row;
  return `${body}${rise > 0 ? `\x1b[${String(rise)}A` : ""}\r${cursor.head}`;
}

/** Rows above the cursor after the window became `columns` wide, if the terminal re-wraps soft rows. */
export function reflowedCursorRow({ rows, cursor }: Layout, columns: number): number {
  const above = rows.slice(0, cursor.row);
  let cells = 0;
  let count = 0;
  for (const { width, soft } of above) {
    cells += width;
    if (soft) continue;
    count += Math.max(1, Math.ceil(cells / columns));
    cells = 0;
  }
  return count + Math.floor((cells + cursor.column) / columns);
}

/** Names in equal columns, in at most `height` rows. */
export function listed(names: readonly string[], columns: number, height: number): Row[] {
  if (names.length === 0 || height <= 0) return [];
  const shown = names.map((name) => visible(name).replaceAll("\n", " "));
  const cell = Math.max(...shown.map(textWidth)) + 2;
  const perRow = Math.max(1, Math.floor((columns - 1) / cell));
  const lines: string[] = [];
  for (let start = 0; start < shown.length; start += perRow) {
    const cells = shown.slice(start, start + perRow).map((name) => name + " ".repeat(cell - textWidth(name)));
    lines.push(cells.join("").trimEnd());
  }
  const hidden = shown.length - (height - 1) * perRow;
  const fitting = lines.length <= height ? lines : [...lines.slice(0, height - 1), `... ${String(hidden)} more`];
  return fitting.map((line) => {
    const text = cut(line, columns - 1);
    return { text, width: textWidth(text), soft: false };
  });
}
