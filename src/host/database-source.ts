import { filledText, expectArguments, objectOf, optional } from "../agent/expect.ts";
import { foreignDatabase, readForeignRows, shownDatabase } from "../compose.ts";
import { MemGPTError } from "../errors.ts";
import { type OwnDocument, type OwnSource, defineSource } from "../sources/origins.ts";

/** Rows to load: those of a query, as `column: value` lines, or one text column of a table. */
export type DatabaseRows = {
  /** A SQLite file, or a URL such as `postgres://user@host/name`. */
  readonly database: string;
} & (
  | { readonly query: string }
  | {
      readonly table: string;
      readonly textColumn: string;
      /** Vectors of the texts: numbers, JSON, or bytes of 32-bit numbers. */
      readonly embeddingColumn?: string | undefined;
    }
);

type Row = Readonly<Record<string, unknown>>;
type Read = (row: Row) => Pick<OwnDocument, "content" | "embedding">;

const queryRule = objectOf<Extract<DatabaseRows, { query: string }>>({ database: filledText, query: filledText });
const tableRule = objectOf<Extract<DatabaseRows, { table: string }>>({
  database: filledText,
  table: filledText,
  textColumn: filledText,
  embeddingColumn: optional(filledText),
});

/**
 * A source of the rows of a database: each row is a document, named by its column `id`, or else by its number. The
 * database is read, never written, while the rows are loaded.
 *
 * @throws MemGPTError `invalid_input` if `database` is not a database.
 * @example
 * const faq = databaseSource({ database: "shop.db", query: "SELECT id, question, answer FROM faq" });
 * for await (const event of memgpt.sources.load("faq", [faq])) console.log(event);
 */
export function databaseSource(rows: DatabaseRows): OwnSource {
  expectArguments({ rows: [rows, "query" in rows ? queryRule : tableRule] });
  const database = foreignDatabase(rows.database);
  const shown = "url" in database ? shownDatabase(database.url) : rows.database;
  const [what, label, read]: [string, string, Read] =
    "query" in rows
      ? [rows.query, "row", (row) => ({ content: linesOf(row) })]
      : [rows.table, rows.table, columns(rows)];
  return defineSource({
    name: `${shown} ${what}`,
    async *read() {
      const named = new Map<string, number>();
      let number = 0;
      for await (const row of readForeignRows(database, rows)) {
        number += 1;
        const name = `${label} ${idOf(row) ?? number}`;
        const times = (named.get(name) ?? 0) + 1;
        named.set(name, times);
        yield { name: times === 1 ? name : `${name} (${times})`, isPlainText: true, ...read(row) };
      }
    },
  });
}

/** Reads the text column, and the vector column if there is one. */
function columns({ table, textColumn, embeddingColumn }: Extract<DatabaseRows, { table: string }>): Read {
  return (row) => {
    const missing = [textColumn, embeddingColumn].find((column) => column !== undefined && !Object.hasOwn(row, column));
    if (missing !== undefined) {
      const known = Object.keys(row).join(", ");
      throw new MemGPTError("invalid_input", `Table ${table} has no column ${missing}. It has ${known}.`);
    }
    const embedding = embeddingColumn === undefined ? undefined : vectorIn(row[embeddingColumn]);
    return { content: textIn(row[textColumn]), embedding };
  };
}

function idOf(row: Row): string | undefined {
  const key = Object.keys(row).find((column) => column.toLowerCase() === "id");
  const id = key === undefined ? "" : textIn(row[key]).trim();
  return id === "" ? undefined : id;
}

/** A row as `column: value` lines; the bare value if it has one column. */
function linesOf(row: Row): string {
  const cells = Object.entries(row).map(([column, value]) => ({ column, text: textIn(value) }));
  if (cells.length === 1) return cells[0]?.text ?? "";
  return cells
    .filter(({ text }) => text !== "")
    .map(({ column, text }) => `${column}: ${text}`)
    .join("\n");
}

function textIn(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") return String(value);
  return value instanceof Uint8Array ? "" : JSON.stringify(value);
}

function vectorIn(value: unknown): number[] | undefined {
  if (value instanceof Uint8Array) {
    if (value.length === 0 || value.length % Float32Array.BYTES_PER_ELEMENT !== 0) return undefined;
    return Array.from(new Float32Array(Uint8Array.from(value).buffer));
  }
  const found = typeof value === "string" ? parsed(value) : value;
  if (!Array.isArray(found) || found.length === 0) return undefined;
  return found.every((item): item is number => typeof item === "number") ? found : undefined;
}

/** Parses JSON, which pgvector's lists of numbers also are. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
