import { MemGPTError, describe } from "../../errors.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";

/** Rows of a database written by the original MemGPT, oldest first. */
export type OriginalRows = {
  readonly agents: readonly unknown[];
  readonly messages: readonly unknown[];
  readonly passages: readonly unknown[];
};

/**
 * Reads the database of MemGPT 0.3 in `file`, which is opened read-only. Missing tables count as empty.
 *
 * @throws MemGPTError `invalid_input` if it cannot be read.
 */
export async function originalRows(file: string): Promise<OriginalRows> {
  const Constructor = await loadSqlite();
  let db: Database | undefined;
  try {
    db = new Constructor(file, { readonly: true, fileMustExist: true });
    return {
      agents: rows(db, "agents", ["id", "name", "state", "system"]),
      messages: rows(db, "memgpt_recall_memory_agent", ["id", "agent_id", "role", "text", "tool_calls", "created_at"]),
      passages: rows(db, "memgpt_archival_memory_agent", ["agent_id", "text", "created_at"]),
    };
  } catch (cause) {
    throw new MemGPTError("invalid_input", `${file}: ${describe(cause)}. None of it was imported.`, { cause });
  } finally {
    db?.close();
  }
}

/** Reads the given columns as far as the table has them. Versions differ, and vectors are too large to read. */
function rows(db: Database, table: string, wanted: readonly string[]): unknown[] {
  const columns = db.prepare<[string], { name: string }>("SELECT name FROM pragma_table_info(?)").all(table);
  const names = columns.map(({ name }) => name).filter((name) => wanted.includes(name));
  return names.length === 0 ? [] : db.prepare(`SELECT ${names.join(", ")} FROM ${table} ORDER BY rowid`).all();
}
