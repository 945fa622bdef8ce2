import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { CheckpointFolder } from "../../src/storage/files/checkpoints.ts";
import type { AgentFolder } from "../../src/storage/files/paths.ts";
import { defineDerived } from "../../src/storage/sqlite/derived.ts";
import { type Database, loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { type Acknowledged, type Autopsy, type Findings, UNBORN, judge } from "./autopsy.ts";
import { numbersIn, tokenOf } from "./messages.ts";

/** Looks at the files of an agent that nobody has open, without the code that wrote them. */
export async function examineFiles(folder: AgentFolder, acknowledged: Acknowledged): Promise<Autopsy> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(folder.database, { fileMustExist: true });
  const findings: Findings = { integrity: [], lost: [], halfSteps: [] };
  // SQLite's own check needs the function that the checksums of rows are made by.
  defineDerived(db);
  try {
    checkFile(db, findings.integrity);
    // Killed before the tables were made, which is one transaction.
    if (db.pragma("user_version", { simple: true }) === 0) return { ...UNBORN, findings };
    for (const table of ["messages", "passages"] as const) checkIndex(db, table, findings.integrity);
    const checkpoints = new CheckpointFolder(folder.checkpoints)
      .files()
      .map((file) => ({ file, json: readFileSync(join(folder.checkpoints, file), "utf8") }));
    const remains = {
      state: texts(db, "SELECT json FROM state")[0],
      messages: texts(db, "SELECT json FROM messages WHERE live = 1 ORDER BY seq"),
      journal: db.prepare("SELECT * FROM journal ORDER BY op").all(),
      ids: { message: texts(db, "SELECT id FROM messages"), passage: texts(db, "SELECT id FROM passages") },
      checkpoints,
    };
    return judge(remains, acknowledged, findings);
  } finally {
    db.close();
  }
}

function texts(db: Database, sql: string): string[] {
  return z.array(z.string()).parse(db.prepare(sql).pluck().all());
}

function checkFile(db: Database, faults: string[]): void {
  const said: unknown = db.pragma("integrity_check", { simple: true });
  if (said !== "ok") faults.push(`integrity_check: ${String(said)}`);
  const keys: unknown = db.pragma("foreign_key_check");
  if (!isDeepStrictEqual(keys, [])) faults.push("foreign_key_check is not empty");
}

/** The full-text index holds exactly the live rows, finds them, and the totals count them. */
function checkIndex(db: Database, table: "messages" | "passages", faults: string[]): void {
  const key = table === "messages" ? "n" : "seq";
  const live = `SELECT ${key} FROM ${table} WHERE live = 1 AND text IS NOT NULL`;
  try {
    db.exec(`INSERT INTO ${table}_fts (${table}_fts) VALUES ('integrity-check')`);
  } catch (error) {
    faults.push(`${table}_fts: ${String(error)}`);
  }
  const missing = numbers(db, `${live} EXCEPT SELECT rowid FROM ${table}_fts`);
  const extra = numbers(db, `SELECT rowid FROM ${table}_fts EXCEPT ${live}`);
  if (missing.length > 0) faults.push(`${table}_fts lacks rows ${missing.join()}`);
  if (extra.length > 0) faults.push(`${table}_fts has rows ${extra.join()} that are not live`);
  const [total] = numbers(db, `SELECT value FROM totals WHERE name = '${table}'`);
  const [count] = numbers(db, `SELECT count(*) FROM ${table} WHERE live = 1`);
  if (total !== count) faults.push(`totals say ${total} ${table}, there are ${count}`);
  const said = z
    .array(z.object({ seq: z.number(), text: z.string() }))
    .parse(
      db.prepare(`SELECT ${key} AS seq, text FROM ${table} WHERE ${key} IN (${live} ORDER BY random() LIMIT 12)`).all(),
    );
  for (const { seq, text } of said) {
    for (const number of numbersIn(text)) {
      const found = numbers(db, `SELECT rowid FROM ${table}_fts WHERE ${table}_fts MATCH '"${tokenOf(number)}"'`);
      if (!found.includes(seq)) faults.push(`${table}_fts does not find ${tokenOf(number)} in row ${seq}`);
    }
  }
}

function numbers(db: Database, sql: string): number[] {
  return z.array(z.number()).parse(db.prepare(sql).pluck().all());
}
