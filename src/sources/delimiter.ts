const DELIMITERS = [",", "\t", ";", "|"] as const;
const LINES_LOOKED_AT = 20;

/**
 * The delimiter between a table's cells: the one that occurs equally often on each of the first lines, outside quotation marks.
 * Undefined if the text is not a table.
 *
 * @param isNamedSo Whether the file's name says that it is a table, so that two lines suffice.
 */
export function delimiterOf(text: string, isNamedSo: boolean): string | undefined {
  const lines = recordsOf(text);
  if (lines.length < (isNamedSo ? 2 : 3)) return isNamedSo && lines.length === 1 ? "," : undefined;
  const regular = DELIMITERS.map((delimiter) => ({ delimiter, cells: cellsOf(lines, delimiter) }))
    .filter(({ cells }) => cells > 1)
    .sort((a, b) => b.cells - a.cells);
  return regular[0]?.delimiter ?? (isNamedSo ? "," : undefined);
}

/** The first records, without the last, which may be incomplete. A line end inside quotation marks belongs to its cell. */
function recordsOf(text: string): string[] {
  const records: string[] = [];
  let record = "";
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.length > LINES_LOOKED_AT || lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    record = record === "" ? line : `${record}\n${line}`;
    if ((record.split('"').length - 1) % 2 === 1) continue;
    if (record.trim() !== "") records.push(record);
    record = "";
    if (records.length === LINES_LOOKED_AT) break;
  }
  return records;
}

/** The number of cells in every record; 0 if records differ. */
function cellsOf(records: readonly string[], delimiter: string): number {
  const counts = records.map((record) => record.replace(/"(?:[^"]|"")*"/g, "").split(delimiter).length);
  const [first = 0] = counts;
  return counts.every((count) => count === first) ? first : 0;
}
