import { MemGPTError, describe } from "../../errors.ts";
import { type Database, loadSqlite } from "../sqlite/load-sqlite.ts";
import type { ForeignRow } from "./foreign-rows.ts";

/** The rows of a statement in a SQLite file, which is opened for reading only. @throws MemGPTError `invalid_input`. */
export async function* sqliteRows(file: string, statement: string): AsyncGenerator<ForeignRow, void, void> {
  const Constructor = await loadSqlite();
  let db: Database | undefined;
  try {
    db = new Constructor(file, { readonly: true, fileMustExist: true });
    const prepared = db.prepare<[], ForeignRow>(statement).safeIntegers();
    if (!prepared.reader) throw new Error("the query does not return rows");
    yield* prepared.iterate();
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    throw new MemGPTError("invalid_input", `${file}: ${describe(cause)}.`, { cause });
  } finally {
    db?.close();
  }
}
