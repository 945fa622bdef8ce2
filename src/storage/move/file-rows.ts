import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CheckpointFolder } from "../files/checkpoints.ts";
import { makeFolder } from "../files/folders.ts";
import { writeFileAside } from "../files/atomic.ts";
import { type AgentFolder, type Home, agentExists, agentFolder } from "../files/paths.ts";
import { makeAgentFiles } from "../repository/agent-files.ts";
import { SqliteCollection } from "../sqlite/collection.ts";
import { settleCopy, syncFile } from "../sqlite/copy-database.ts";
import { guarded, openDatabase, storing } from "../sqlite/database.ts";
import type { Database } from "../sqlite/load-sqlite.ts";
import {
  type AgentRows,
  type MovedHead,
  type Row,
  type RowStorage,
  type Source,
  TABLE_NAMES,
  type Table,
  layoutOf,
  withTraits,
} from "./tables.ts";

type StoredCell = string | number | Buffer | null;

/** The agents of a home, each a SQLite database and checkpoint files. */
export class FileRowStorage implements RowStorage {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  async read(name: string): Promise<AgentRows | undefined> {
    const folder = agentFolder(this.#home, name);
    return agentExists(folder) ? openRows(folder) : undefined;
  }

  async make(name: string, from: Source, check: (copy: AgentRows) => Promise<void>): Promise<void> {
    await makeAgentFiles(agentFolder(this.#home, name), async (draft) => {
      const db = await openDatabase(draft.database);
      try {
        for (const table of TABLE_NAMES) if (table !== "checkpoints") await fill(db, table, from);
        setHead(db, from.head);
      } finally {
        db.close();
      }
      makeFolder(draft.checkpoints);
      for await (const files of from.portions("checkpoints")) {
        for (const { file, json } of files) await writeFileAside(join(draft.checkpoints, String(file)), String(json));
      }
      const { checkpoint } = new CheckpointFolder(draft.checkpoints).newest();
      await settleCopy(draft.database, checkpoint);
      syncFile(draft.database);
      const copy = await openRows(draft);
      try {
        await check(copy);
      } finally {
        await copy.close();
      }
    });
  }

  async close(): Promise<void> {
    // The agents share no resource.
  }
}

async function openRows(folder: AgentFolder): Promise<AgentRows> {
  const db = await openDatabase(folder.database, { readonly: true });
  try {
    const head = guarded(db, () => headOf(db));
    return {
      head,
      after: async (table, key) =>
        table === "checkpoints" ? checkpointsAfter(folder, String(key)) : guarded(db, () => rowsAfter(db, table, key)),
      close: async () => {
        db.close();
      },
    };
  } catch (error) {
    db.close();
    throw error;
  }
}

function rowsAfter(db: Database, table: Table, last: string | number): Row[] {
  const { key, columns, portion } = layoutOf(table);
  // Both storages number quarantined writes from 1.
  const counted = "(SELECT row_number() OVER (ORDER BY seq) AS seq, id, json FROM quarantine)";
  const from = table === "quarantine" ? counted : table;
  const names = Object.keys(columns);
  return db
    .prepare<[string | number, number], Record<string, StoredCell>>(
      `SELECT ${names.join(", ")} FROM ${from} WHERE ${key} > ? ORDER BY ${key} LIMIT ?`,
    )
    .all(last, portion)
    .map((row) => ("live" in row ? { ...row, live: row["live"] === 1 } : row));
}

function checkpointsAfter({ checkpoints }: AgentFolder, last: string): Row[] {
  const files = new CheckpointFolder(checkpoints).files().filter((file) => file > last);
  return files
    .slice(0, layoutOf("checkpoints").portion)
    .map((file) => ({ file, json: readFileSync(join(checkpoints, file), "utf8") }));
}

async function fill(db: Database, table: Table, from: Source): Promise<void> {
  const names = [...Object.keys(layoutOf(table).columns), ...(table === "messages" ? ["traits", "gist"] : [])];
  // A trigger may have inserted the speaker already.
  const insert = db.prepare<StoredCell[]>(
    `INSERT ${table === "speakers" ? "OR IGNORE" : ""} INTO ${table} (${names.join(", ")})
     VALUES (${names.map(() => "?").join(", ")})`,
  );
  const add = db.transaction((rows: readonly Row[]) => {
    for (const row of rows) insert.run(...names.map((name) => toStore(withTraits(row, table)[name] ?? null)));
  });
  for await (const rows of from.portions(table)) {
    storing(db, () => {
      add(rows);
    });
  }
}

function toStore(cell: Row[string]): StoredCell {
  if (typeof cell === "boolean") return cell ? 1 : 0;
  return cell instanceof Uint8Array ? Buffer.from(cell) : cell;
}

function headOf(db: Database): MovedHead {
  const text = (sql: string): string | null => (db.prepare(sql).pluck().get() as string | undefined) ?? null;
  const collection = new SqliteCollection(db, () => undefined).current();
  return {
    state: text("SELECT json FROM state") ?? "{}",
    spent: text("SELECT value FROM meta WHERE key = 'spent'"),
    collection: collection === undefined ? null : JSON.stringify(collection),
    reindex: text("SELECT value FROM meta WHERE key = 'reindex'"),
  };
}

function setHead(db: Database, { state, spent, collection, reindex }: MovedHead): void {
  storing(db, () => {
    db.prepare<[json: string]>("INSERT INTO state VALUES (1, ?)").run(state);
    const set = db.prepare<[key: string, value: string]>("INSERT INTO meta VALUES (?, ?)");
    for (const [key, value] of Object.entries({ spent, embedding: collection, reindex })) {
      if (value !== null) set.run(key, value);
    }
  });
}
