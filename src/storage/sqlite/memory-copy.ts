import { existsSync, readFileSync } from "node:fs";
import { MemGPTError, describe } from "../../errors.ts";
import { openDatabase, prepared } from "./database.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";

/** Where the header of a file says that it has a write-ahead log, which memory cannot have. */
const [WRITE_VERSION, READ_VERSION] = [18, 19];

/**
 * A copy of a database in memory, with whatever its write-ahead log says. The file and its folder stay as they are, also while
 * another process writes.
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
  // SQLite would make files beside it to read it.
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
