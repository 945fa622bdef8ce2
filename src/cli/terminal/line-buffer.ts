/**
 * A text being edited. `cursor` is a UTF-16 offset that always lies between two grapheme clusters; `killed` is the text that
 * the last kill removed, for yank.
 */
export type LineBuffer = { readonly text: string; readonly cursor: number; readonly killed: string };

/** One edit: pure and total; returns the same text if there is nothing to do. */
export type Edit = (buffer: LineBuffer) => LineBuffer;

export const EMPTY_BUFFER: LineBuffer = { text: "", cursor: 0, killed: "" };

/** Replaces the whole text and moves the cursor to its end. */
export function setText(buffer: LineBuffer, text: string): LineBuffer {
  const clean = withoutReturns(text);
  return { ...buffer, text: clean, cursor: clean.length };
}

/** Inserts at the cursor. Line ends of any kind become `\n`. */
export function insert(buffer: LineBuffer, inserted: string): LineBuffer {
  const clean = withoutReturns(inserted);
  const text = buffer.text.slice(0, buffer.cursor) + clean + buffer.text.slice(buffer.cursor);
  return moveTo({ ...buffer, text }, buffer.cursor + clean.length);
}

export const left: Edit = (buffer) => moveTo(buffer, before(buffer));
export const right: Edit = (buffer) => moveTo(buffer, after(buffer));
export const wordLeft: Edit = (buffer) => moveTo(buffer, wordStart(buffer));
export const wordRight: Edit = (buffer) => moveTo(buffer, wordEnd(buffer));
/** To the start of the cursor's line. */
export const home: Edit = (buffer) => moveTo(buffer, lineStart(buffer));
/** To the end of the cursor's line. */
export const end: Edit = (buffer) => moveTo(buffer, lineEnd(buffer));

export const deleteBackward: Edit = (buffer) => remove(buffer, before(buffer), buffer.cursor);
export const deleteForward: Edit = (buffer) => remove(buffer, buffer.cursor, after(buffer));

export const killWordLeft: Edit = (buffer) => kill(buffer, wordStart(buffer), buffer.cursor);
export const killWordRight: Edit = (buffer) => kill(buffer, buffer.cursor, wordEnd(buffer));
/** Back to the last blank, as Ctrl-W does: a path counts as one word. */
export const killBlankWordLeft: Edit = (buffer) => {
  const head = buffer.text.slice(0, buffer.cursor);
  return kill(buffer, head.search(/\S*\s*$/), buffer.cursor);
};
export const killToStart: Edit = (buffer) => kill(buffer, lineStart(buffer), buffer.cursor);
/** To the end of the line, or the line break if already there. */
export const killToEnd: Edit = (buffer) => {
  const stop = lineEnd(buffer);
  return kill(buffer, buffer.cursor, stop === buffer.cursor ? after(buffer) : stop);
};
export const killAll: Edit = (buffer) => kill(buffer, 0, buffer.text.length);
export const yank: Edit = (buffer) => insert(buffer, buffer.killed);

/** Swaps the two characters around the cursor; at the end of a line, the two before it. */
export const transpose: Edit = (buffer) => {
  const middle = buffer.cursor === lineEnd(buffer) ? before(buffer) : buffer.cursor;
  const start = before({ ...buffer, cursor: middle });
  const stop = after({ ...buffer, cursor: middle });
  const first = buffer.text.slice(start, middle);
  const second = buffer.text.slice(middle, stop);
  if (first === "" || second === "" || first === "\n") return buffer;
  return moveTo({ ...buffer, text: buffer.text.slice(0, start) + second + first + buffer.text.slice(stop) }, stop);
};

/** The cursor one line up; undefined in the first line. */
export function up(buffer: LineBuffer): LineBuffer | undefined {
  const start = lineStart(buffer);
  if (start === 0) return undefined;
  return inColumn(buffer, lineStart({ ...buffer, cursor: start - 1 }));
}

/** The cursor one line down; undefined in the last line. */
export function down(buffer: LineBuffer): LineBuffer | undefined {
  const stop = lineEnd(buffer);
  return stop === buffer.text.length ? undefined : inColumn(buffer, stop + 1);
}

/** The cursor's line as offsets into the text, without its line break. */
export function currentLine(buffer: LineBuffer): { start: number; end: number; text: string } {
  const start = lineStart(buffer);
  const stop = lineEnd(buffer);
  return { start, end: stop, text: buffer.text.slice(start, stop) };
}

/** Created on first use, because each takes 15 ms. */
let [clusterSegmenter, wordSegmenter]: (Intl.Segmenter | undefined)[] = [];

function clustersOf(text: string): Intl.Segments {
  clusterSegmenter ??= new Intl.Segmenter();
  return clusterSegmenter.segment(text);
}

function wordsOf(text: string): Intl.Segments {
  wordSegmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return wordSegmenter.segment(text);
}

function withoutReturns(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}

/** Moves the cursor to `offset`, or past the cluster that `offset` would split. */
export function moveTo(buffer: LineBuffer, offset: number): LineBuffer {
  const start = buffer.text.lastIndexOf("\n", offset - 1) + 1;
  const cluster = clustersOf(lineFrom(buffer.text, start)).containing(offset - start);
  const cut = cluster !== undefined && cluster.index < offset - start;
  return { ...buffer, cursor: cut ? start + cluster.index + cluster.segment.length : offset };
}

function lineFrom(text: string, start: number): string {
  const stop = text.indexOf("\n", start);
  return text.slice(start, stop === -1 ? undefined : stop);
}

function lineStart({ text, cursor }: LineBuffer): number {
  return cursor === 0 ? 0 : text.lastIndexOf("\n", cursor - 1) + 1;
}

function lineEnd({ text, cursor }: LineBuffer): number {
  const stop = text.indexOf("\n", cursor);
  return stop === -1 ? text.length : stop;
}

/** Start of the cluster before the cursor. A line break is a cluster of its own. */
function before(buffer: LineBuffer): number {
  const start = lineStart(buffer);
  if (buffer.cursor === start) return Math.max(0, start - 1);
  const cluster = clustersOf(lineFrom(buffer.text, start)).containing(buffer.cursor - start - 1);
  return start + (cluster?.index ?? 0);
}

/** End of the cluster after the cursor. */
function after(buffer: LineBuffer): number {
  if (buffer.cursor === buffer.text.length) return buffer.cursor;
  if (buffer.text[buffer.cursor] === "\n") return buffer.cursor + 1;
  const { start, text } = currentLine(buffer);
  const cluster = clustersOf(text).containing(buffer.cursor - start);
  return cluster === undefined ? buffer.cursor : start + cluster.index + cluster.segment.length;
}

function wordStart({ text, cursor }: LineBuffer): number {
  let start = 0;
  for (const { index, isWordLike } of wordsOf(text.slice(0, cursor))) if (isWordLike === true) start = index;
  return start;
}

function wordEnd({ text, cursor }: LineBuffer): number {
  for (const { index, segment, isWordLike } of wordsOf(text.slice(cursor))) {
    if (isWordLike === true) return cursor + index + segment.length;
  }
  return text.length;
}

function remove(buffer: LineBuffer, from: number, to: number): LineBuffer {
  if (from >= to) return buffer;
  return moveTo({ ...buffer, text: buffer.text.slice(0, from) + buffer.text.slice(to) }, from);
}

function kill(buffer: LineBuffer, from: number, to: number): LineBuffer {
  if (from >= to) return buffer;
  return remove({ ...buffer, killed: buffer.text.slice(from, to) }, from, to);
}

/** Moves the cursor to the line at `start`, keeping its column in clusters. */
function inColumn(buffer: LineBuffer, start: number): LineBuffer {
  const own = lineStart(buffer);
  let column = Array.from(clustersOf(buffer.text.slice(own, buffer.cursor))).length;
  let offset = start;
  for (const { segment } of clustersOf(lineFrom(buffer.text, start))) {
    if (column === 0) break;
    column -= 1;
    offset += segment.length;
  }
  return moveTo(buffer, offset);
}
