import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../src/storage/sqlite/load-sqlite.ts";
import { loadSqlite } from "../src/storage/sqlite/load-sqlite.ts";
import { type Random, seeded } from "../test/crash/random.ts";
import { prose } from "./vocabulary.ts";

const CHECKPOINT_BYTES = 30_000;

/** The minimum cost of a turn on this machine: the bare library without an agent. */
export class RawTurn {
  readonly #db: Database;
  readonly #insert: (rows: number) => void;
  readonly #file: string;
  readonly #content = "x".repeat(CHECKPOINT_BYTES);

  /** A table and a full-text index with `size` rows. */
  static async open(folder: string, size: number): Promise<RawTurn> {
    const Sqlite = await loadSqlite();
    return new RawTurn(new Sqlite(join(folder, `raw-${size}.db`)), join(folder, `raw-${size}.json`), size);
  }

  private constructor(db: Database, file: string, size: number) {
    this.#db = db;
    this.#file = file;
    const random = seeded(size);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.exec(
      "CREATE TABLE rows (seq INTEGER PRIMARY KEY, text TEXT NOT NULL); CREATE VIRTUAL TABLE fts USING fts5 (text, content = '')",
    );
    const addRow = db.prepare<[text: string]>("INSERT INTO rows (text) VALUES (?)");
    const addText = db.prepare<[seq: number | bigint, text: string]>("INSERT INTO fts (rowid, text) VALUES (?, ?)");
    this.#insert = db.transaction((rows: number) => {
      for (let row = 0; row < rows; row += 1) addOne(random);
    });
    const addOne = (source: Random): void => {
      const text = prose(source, 8, 24);
      addText.run(addRow.run(text).lastInsertRowid, text);
    };
    for (let made = 0; made < size; made += 5000) this.#insert(Math.min(5000, size - made));
  }

  /** `rows` rows in one transaction or several, and one file of 30 kB, each synced to disk. */
  run(rows: number, commits = 1): void {
    for (let left = commits, missing = rows; left > 0; left -= 1) {
      const some = Math.ceil(missing / left);
      this.#insert(some);
      missing -= some;
    }
    const fd = openSync(this.#file, "w");
    writeSync(fd, this.#content);
    fsyncSync(fd);
    closeSync(fd);
  }

  close(): void {
    this.#db.close();
  }
}
