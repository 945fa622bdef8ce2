import { Readable } from "node:stream";
import type { Element } from "../element.ts";
import { Unreadable } from "../input.ts";

type Record = { readonly record: readonly string[]; readonly info: { readonly lines: number } };

/** A longer record lacks its closing quotation mark. */
const LONGEST_RECORD = 256 * 1024;

/** A table: one row per record, with column names if the first record has them. */
export async function* readCsv(texts: AsyncIterable<string>, delimiter: string): AsyncGenerator<Element, void, void> {
  const { parse } = await import("csv-parse");
  const parser = parse({
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: LONGEST_RECORD,
    info: true,
  });
  const source = Readable.from(texts).on("error", (error) => parser.destroy(error));
  const records = source.pipe(parser) as AsyncIterable<Record>;
  let columns: readonly string[] | undefined;
  let [count, line] = [0, 1];
  try {
    for await (const { record, info } of records) {
      count += 1;
      if (count === 1 && areNames(record)) {
        columns = record;
        yield { kind: "row", text: record.join(" | "), line };
      } else {
        yield { kind: "row", text: rowText(record, columns), line };
      }
      line = info.lines + 1;
    }
  } catch (error) {
    throw new Unreadable(`the table is damaged${damageOf(error)}`, { cause: error });
  } finally {
    // Closes the file even if it was not read to the end.
    source.destroy();
  }
}

/** The damage in plain words: the parser's messages are written for programmers. */
function damageOf(error: unknown): string {
  const { code, lines } = error as { readonly code?: unknown; readonly lines?: unknown };
  if (typeof lines !== "number") return "";
  const isOpen = code === "CSV_MAX_RECORD_SIZE" || code === "CSV_QUOTE_NOT_CLOSED";
  return isOpen ? `: the record at line ${lines} lacks its closing quotation mark` : ` at line ${lines}`;
}

/** Whether a record holds column names: all different, none empty or a number. */
function areNames(record: readonly string[]): boolean {
  const names = record.map((name) => name.trim());
  return names.every((name) => name !== "" && !/^[-+\d.,]+$/.test(name)) && new Set(names).size === names.length;
}

function rowText(cells: readonly string[], columns: readonly string[] | undefined): string {
  if (columns === undefined) return cells.join(" | ");
  return cells
    .map((cell, index) => ({ name: columns[index]?.trim() ?? `column ${index + 1}`, cell: cell.trim() }))
    .filter(({ cell }) => cell !== "")
    .map(({ name, cell }) => `${name}: ${cell}`)
    .join("\n");
}
