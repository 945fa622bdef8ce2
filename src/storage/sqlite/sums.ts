import { crc32 } from "node:zlib";
import type { Database } from "./load-sqlite.ts";

// SQLite has no checksums. Those of our rows stand in indexes on `row_sum(…)`: SQLite keeps them with every write, and its own
// integrity check finds each row that its index does not have. A change of what is summed needs a migration.

export type SumValue = string | number | Buffer | null;

/** What a row is summed over, its key first, and what it is called. */
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

const CALLED: Readonly<Record<SummedTable, string>> = {
  messages: "message",
  passages: "passage",
  journal: "journal operation",
  actions: "action",
  state: "state",
  quarantine: "quarantined write",
  said_vectors: "vector of line",
};

/** CRC-32 of the values of a row, each with its type and length, so that none can be taken for part of another. */
export function rowSum(...values: readonly SumValue[]): number {
  let sum = 0;
  for (const value of values) {
    if (Buffer.isBuffer(value)) sum = crc32(value, crc32(`b${value.length}:`, sum));
    else if (value === null) sum = crc32("n:", sum);
    else sum = crc32(`${typeof value === "number" ? "i" : "t"}${String(value).length}:${value}`, sum);
  }
  return sum;
}

/** The index has the keys first, so that it grows at its end. `lacking`: a column that comes with a later migration. */
export function sumIndexes(tables: readonly SummedTable[], lacking?: string): string {
  return tables
    .map((table) => ({ table, columns: SUMMED[table].columns.filter((column) => column !== lacking) }))
    .map(({ table, columns }) => `CREATE INDEX ${table}_sums ON ${table} (${columns[0]}, ${sumOf(columns)});`)
    .join("\n");
}

/** Names the first row of a table that is not as it was written. Empty if all are. */
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
  return `${table === "state" ? "the state" : `${CALLED[table]} ${row}`} does not fit its checksum`;
}

/** The table whose checksums SQLite's own check complains of. */
export function tableOfSums(problem: string): SummedTable | undefined {
  const [, name] = /\b(\w+)_sums\b/.exec(problem) ?? [];
  return Object.keys(SUMMED).find((table): table is SummedTable => table === name);
}

/** The state, and whether it fits its checksum: in one statement, since another process may write between two. */
export const STATE_AND_FIT = `
  SELECT found.json, EXISTS (
    SELECT 1 FROM state INDEXED BY state_sums
    WHERE one = 1 AND ${sumOf(SUMMED.state.columns)} = ${sumOf(SUMMED.state.columns.map((column) => `found.${column}`))}
  ) AS fits
  FROM state AS found NOT INDEXED WHERE found.one = 1`;

function sumOf(columns: readonly string[]): string {
  return `row_sum(${columns.join(", ")})`;
}
