import { existsSync, readFileSync } from "node:fs";
import { MemGPTError, describe } from "../../errors.ts";
import { openDatabase, prepared } from "./database.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";

/** Header bytes that say whether a database has a write-ahead log, which is impossible in memory. */
const [WRITE_VERSION, READ_VERSION] = [18, 19];

/**
 * A copy of a database in memory, including its write-ahead log. Leaves the file and its folder untouched, even while another
 * process writes.
 *
 * @throws MemGPTError as `openDatabase` does.
 */
export async function copyInMemory(file: string): Promise<Database> {
  const image = await imageOf(file);
  image[WRITE_VERSION] = 1;
  image[READ_VERSION] = 1;
  const Constructor = await loadSqlite();
  return prepared(new Constructor(image), file);
}

async function imageOf(file: string): Promise<Buffer> {
  // Not with SQLite, which would create files beside it.
  if (!existsSync(`${file}-wal`)) {
    try {
      return readFileSync(file);
    } catch (cause) {
      throw new MemGPTError("storage_failed", `Cannot open ${file}: ${describe(cause)}.`, { cause });
    }
  }
  const db = await openDatabase(file, { readonly: true });
  try {
    return db.serialize();
  } finally {
    db.close();
  }
}
