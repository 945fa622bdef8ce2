import { rmSync } from "node:fs";
import { MemGPTError } from "../../errors.ts";
import { parseJson } from "../../memory/envelope.ts";
import { type AgentState, agentStateSchema } from "../../schema/state.ts";
import { syncFile } from "../sqlite/copy-database.ts";
import { openDatabase } from "../sqlite/database.ts";
import type { Database } from "../sqlite/load-sqlite.ts";
import { problemsOf } from "../sqlite/check.ts";
import { bringBackMessages, bringBackPassages } from "./lost-rows.ts";
import { noteLostActions } from "./lost-actions.ts";
import { DoubtedRows, trustIn } from "./doubted-rows.ts";
import { NewRows } from "./new-rows.ts";
import { PageFile } from "./page-file.ts";
import { type Scan, scan } from "./scan.ts";
import { asAction, asJournal, asMessage, asMeta, asPassage, asState, asTotal } from "./shapes.ts";

/** What came back of something, of how many there were as far as that is known. */
export type Count = { readonly back: number; readonly of: number };

/** What came back of a damaged database. Messages and passages that were taken back before do not count. */
export type Salvaged = {
  /** `words`: of which only the words were left, in the full-text index. */
  readonly messages: Count & { readonly words: number };
  readonly passages: Count & { readonly words: number };
  readonly operations: Count;
  /** Whether the state was in it. */
  readonly hasState: boolean;
  /** What was kept although it does not fit its checksum, since nothing better was left. */
  readonly doubted: readonly string[];
};

export type SalvageOptions = {
  /** States of checkpoints, the newest first, whose queues may hold messages that the database does not. */
  readonly states: () => Iterable<AgentState>;
  /** How many live messages and passages there were, where a checkpoint says so. */
  readonly known?: { readonly messages: number; readonly passages: number; readonly op: number } | undefined;
};

/** What the new database records of files that are rebuilt. */
const NOT_KEPT = new Set(["archival.hnsw", "reindex"]);

/**
 * Makes a new database at `to` of what can be read in the one at `from`, which is only read and may be damaged in any way,
 * and of what checkpoints hold. It is on the disk and was verified when this returns.
 *
 * @throws MemGPTError `storage_failed` if the new one cannot be written or does not pass.
 */
export async function salvageDatabase(from: string, to: string, options: SalvageOptions): Promise<Salvaged> {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(to + suffix, { force: true });
  const file = new PageFile(from);
  const db = await openDatabase(to);
  try {
    // Only the end result need be on the disk.
    db.pragma("synchronous = OFF");
    const salvaged = await fill(db, from, scan(file), options);
    verify(db, to);
    db.pragma("wal_checkpoint(TRUNCATE)");
    db.pragma("journal_mode = DELETE");
    db.close();
    syncFile(to);
    return salvaged;
  } catch (error) {
    db.close();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(to + suffix, { force: true });
    throw error;
  } finally {
    file.close();
  }
}

async function fill(db: Database, from: string, found: Scan, options: SalvageOptions): Promise<Salvaged> {
  const rows = new NewRows(db);
  db.exec("BEGIN");
  const isJournal = trustIn(found, "journal");
  for (const row of found.rows("journal", asJournal)) if (isJournal(row)) rows.journal(row);
  const doubted = new DoubtedRows(found, rows);
  for (const row of found.rows("messages", asMessage)) doubted.message(row);
  for (const row of found.rows("passages", asPassage)) doubted.passage(row);
  const isAction = trustIn(found, "actions");
  for (const row of found.rows("actions", asAction)) if (isAction(row)) rows.action(row);
  const isState = trustIn(found, "state");
  for (const json of found.rows("state", asState)) {
    // Without a checkpoint a changed one is better than none.
    const isBest = isState([1, json]) || options.known === undefined;
    if (isBest && agentStateSchema.safeParse(parseJson(json)).success) rows.state(json);
  }
  for (const [key, value] of found.entries("meta", asMeta, true)) if (!NOT_KEPT.has(key)) rows.meta(key, value);
  const messageWords = await bringBackMessages(db, from, found, rows, options.states, () => {
    doubted.keepMessages();
  });
  const passageWords = await bringBackPassages(db, from, found, rows, () => {
    doubted.keepPassages();
  });
  noteLostActions(db);
  const totals = new Map(found.entries("totals", asTotal));
  const salvaged = tally(db, totals, options.known);
  db.exec("COMMIT");
  return {
    ...salvaged,
    doubted: doubted.kept,
    messages: { ...salvaged.messages, words: messageWords },
    passages: { ...salvaged.passages, words: passageWords },
  };
}

type Known = SalvageOptions["known"];
type Tally = Pick<Salvaged, "operations" | "hasState"> & { readonly messages: Count; readonly passages: Count };

function tally(db: Database, totals: ReadonlyMap<string, number>, known: Known): Tally {
  const number = (sql: string): number => db.prepare<[], number>(sql).pluck().get() ?? 0;
  const countOf = (table: "messages" | "passages"): Count => {
    const back = number(`SELECT count(*) FROM ${table} WHERE live = 1`);
    // Nothing is ever removed, so that a number that is missing is a row that is.
    const missing = number(`SELECT coalesce(max(seq), 0) - count(*) FROM ${table}`);
    return { back, of: Math.max(back, totals.get(table) ?? back + missing, known?.[table] ?? 0) };
  };
  // Where the numbers went on from a checkpoint's, nothing is missing before.
  const origin = number("SELECT max(op) FROM journal WHERE kind = 'state' AND ref = 'id' AND before = after");
  const lost = number(
    `SELECT coalesce(max(op) - ${Math.max(origin - 1, 0)} - count(*), 0) FROM journal WHERE op >= ${origin}`,
  );
  const ahead = Math.max(0, (known?.op ?? 0) - number("SELECT max(op) FROM journal"));
  const back = number("SELECT count(*) FROM journal");
  return {
    messages: countOf("messages"),
    passages: countOf("passages"),
    operations: { back, of: back + lost + ahead },
    hasState: number("SELECT count(*) FROM state") > 0,
  };
}

/** @throws MemGPTError `storage_failed` if the new database is not what it should be. */
function verify(db: Database, file: string): void {
  const problem = problemsOf(db);
  if (problem === "") return;
  throw new MemGPTError("storage_failed", `The salvaged database ${file} did not pass its check (${problem}).`);
}
