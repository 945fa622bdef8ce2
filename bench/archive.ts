import { join } from "node:path";
import { MemGPT } from "memgpt";
import type { Embedder } from "../src/ports/embedder.ts";
import { agentFolder, homeAt } from "../src/storage/files/paths.ts";
import type { EmbeddedPassage } from "../src/schema/passage.ts";
import type { AgentState } from "../src/schema/state.ts";
import { SqliteAgentStore } from "../src/storage/sqlite/agent-store.ts";
import { loadSqlite } from "../src/storage/sqlite/load-sqlite.ts";
import type { Texts } from "./passages.ts";

/** Passages per transaction, as when loading documents. */
const BATCH = 1000;

/** A text with its vector. */
export type Item = { readonly text: string; readonly vector: Float32Array };

/** `size` texts with their vectors, in batches. Measurements happen between batches. */
export async function* batches(texts: Texts, embedder: Embedder, size: number): AsyncGenerator<Item[], void, void> {
  for (let made = 0; made < size; made += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, size - made) }, (_, i) => texts.at(made + i));
    const vectors = await embedder.embed(some);
    yield some.flatMap((text, i) => {
      const vector = vectors[i];
      return vector === null || vector === undefined ? [] : [{ text, vector }];
    });
  }
}

/** The agent in `dir`, created if missing. @returns its database. */
export async function archivist(dir: string): Promise<string> {
  const memgpt = await MemGPT.open({ dir, env: {} });
  if (!(await memgpt.hasAgent("archivist")))
    await (await memgpt.createAgent({ name: "archivist" }, { withoutModel: true })).close();
  return agentFolder(homeAt(dir), "archivist").database;
}

/** An agent's store and its state, which no commit here changes. */
export async function openStore(file: string): Promise<{ store: SqliteAgentStore; state: AgentState }> {
  const store = await SqliteAgentStore.open({ file });
  const state = await store.history.load();
  if (state === undefined) throw new Error("The agent has no state");
  return { store, state };
}

/** Adds passages to archival storage in one transaction. */
export async function commit(
  store: SqliteAgentStore,
  state: AgentState,
  items: readonly Item[],
  model: string,
): Promise<void> {
  const at = new Date().toISOString();
  const passages = items.map(({ text, vector }): EmbeddedPassage => ({
    id: crypto.randomUUID(),
    text,
    createdAt: at,
    embedding: { model, vector },
  }));
  await store.history.commit({
    action: { id: crypto.randomUUID(), label: "bench" },
    cause: "bench",
    at,
    state,
    messages: [],
    passages,
  });
}

/** The minimum cost of storing texts, vectors and a full-text index in SQLite. */
export class BareTable {
  static async open(folder: string): Promise<BareTable> {
    const Sqlite = await loadSqlite();
    return new BareTable(new Sqlite(join(folder, "bare.db")));
  }

  readonly insert: (items: readonly Item[]) => void;
  /** The ten best rows with any of the words. */
  readonly search: (words: readonly string[]) => void;
  readonly close: () => void;

  private constructor(db: InstanceType<Awaited<ReturnType<typeof loadSqlite>>>) {
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.exec(
      `CREATE TABLE p (seq INTEGER PRIMARY KEY, text TEXT NOT NULL, vector BLOB NOT NULL);
       CREATE VIRTUAL TABLE f USING fts5 (text, content = '', tokenize = 'porter unicode61 remove_diacritics 2')`,
    );
    const addRow = db.prepare<[text: string, vector: Buffer]>("INSERT INTO p (text, vector) VALUES (?, ?)");
    const addText = db.prepare<[seq: number | bigint, text: string]>("INSERT INTO f (rowid, text) VALUES (?, ?)");
    this.insert = db.transaction((items: readonly Item[]) => {
      for (const { text, vector } of items) {
        const blob = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
        addText.run(addRow.run(text, blob).lastInsertRowid, text);
      }
    });
    const find = db.prepare<[match: string]>(
      "SELECT p.text, f.rank FROM f JOIN p ON p.seq = f.rowid WHERE f MATCH ? ORDER BY f.rank LIMIT 10",
    );
    this.search = (words) => {
      if (words.length > 0) find.all(words.map((word) => `"${word}"`).join(" OR "));
    };
    this.close = () => {
      db.close();
    };
  }
}
