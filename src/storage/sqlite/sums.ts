import { crc32 } from "node:zlib";
import type { Database } from "./load-sqlite.ts";

// SQLite has no checksums. Ours are indexes on `row_sum(…)`, which SQLite updates with every write; its own integrity check finds
// rows that do not match their index. Changing what is summed needs a migration.

export type SumValue = string | number | Buffer | null;

/** The columns summed for each table, the key first, and the column that names a row. */
const SUMMED = {
  messages: { columns: ["seq", "id", "created_at", "role", "json", "live", "n", "session", "speaker"], name: "id" },
  passages: { columns: ["seq", "id", "created_at", "text", "embedding", "live", "origin"], name: "id" },
  journal: { columns: ["op", "at", "cause", "kind", "ref", "before", "after", "origin"], name: "op" },
  actions: { columns: ["seq", "id", "at", "label", "first_op", "last_op", "undone"], name: "id" },
  state: { columns: ["one", "json"], name: "one" },
  quarantine: { columns: ["seq", "id", "json"], name: "id" },
  said_vectors: { columns: ["seq", "n", "model", "embedding"], name: "n" },
} as const;

export type SummedTable = keyof typeof SUMMED;

const ROW_NAMES: Readonly<Record<SummedTable, string>> = {
  messages: "message",
  passages: "passage",
  journal: "journal operation",
  actions: "action",
  state: "state",
  quarantine: "quarantined write",
  said_vectors: "vector of line",
};

export const WRONG_STATE = "the state does not fit its checksum";

/** CRC-32 of the values of a row, each with its type and length, so that values cannot be confused with parts of others. */
export function rowSum(...values: readonly SumValue[]): number {
  let sum = 0;
  // Fewer calls: one for each value would take most of the time.
  let text = "";
  for (const value of values) {
    if (Buffer.isBuffer(value)) {
      sum = crc32(value, crc32(`${text}b${value.length}:`, sum));
      text = "";
    } else if (value === null) text += "n:";
    else text += `${typeof value === "number" ? "i" : "t"}${String(value).length}:${value}`;
  }
  return crc32(text, sum);
}

/** The key comes first, so that the index grows at its end. `lacking`: a column that a later migration adds. */
export function sumIndexes(tables: readonly SummedTable[], lacking?: string): string {
  return tables
    .map((table) => ({ table, columns: SUMMED[table].columns.filter((column) => column !== lacking) }))
    .map(({ table, columns }) => `CREATE INDEX ${table}_sums ON ${table} (${columns[0]}, ${sumOf(columns)});`)
    .join("\n");
}

/** Names the first row of a table that does not match its checksum; empty if all do. */
export function changedRow(db: Database, table: SummedTable): string {
  const { columns, name } = SUMMED[table];
  const ofRow = sumOf(columns.map((column) => `found.${column}`));
  const row = db
    .prepare<[], string | number>(
      `SELECT found.${name} FROM ${table} AS found NOT INDEXED WHERE NOT EXISTS (
         SELECT 1 FROM ${table} INDEXED BY ${table}_sums
         WHERE ${columns[0]} = found.${columns[0]} AND ${sumOf(columns)} = ${ofRow}
       ) LIMIT 1`,
    )
    .pluck()
    .get();
  if (row === undefined) return "";
  return table === "state" ? WRONG_STATE : `${ROW_NAMES[table]} ${row} does not fit its checksum`;
}

/** The table whose checksum index is named in a problem of SQLite's own check. */
export function tableOfSums(problem: string): SummedTable | undefined {
  const [, name] = /\b(\w+)_sums\b/.exec(problem) ?? [];
  return Object.keys(SUMMED).find((table): table is SummedTable => table === name);
}

/** Reads the state and whether it matches its checksum, in one statement, since another process may write in between. */
export const STATE_AND_FIT = `
  SELECT found.json, EXISTS (
    SELECT 1 FROM state INDEXED BY state_sums
    WHERE one = 1 AND ${sumOf(SUMMED.state.columns)} = ${sumOf(SUMMED.state.columns.map((column) => `found.${column}`))}
  ) AS fits
  FROM state AS found NOT INDEXED WHERE found.one = 1`;

function sumOf(columns: readonly string[]): string {
  return `row_sum(${columns.join(", ")})`;
}
