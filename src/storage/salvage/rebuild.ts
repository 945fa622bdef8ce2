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

/** How many were recovered, of how many known. */
export type Count = { readonly recovered: number; readonly of: number };

/** What was recovered of a damaged database. Undone messages and passages do not count. */
export type Salvaged = {
  /** `words`: recovered only as words from the full-text index. */
  readonly messages: Count & { readonly words: number };
  readonly passages: Count & { readonly words: number };
  readonly operations: Count;
  /** Whether the state was recovered from the database. */
  readonly hasState: boolean;
  /** Rows kept although they do not match their checksums, because no better copy was found. */
  readonly doubted: readonly string[];
};

export type SalvageOptions = {
  /** States of checkpoints, newest first, whose queues may hold messages that the database lacks. */
  readonly states: () => Iterable<AgentState>;
  /** Counts of live messages and passages according to a checkpoint. */
  readonly known?: { readonly messages: number; readonly passages: number; readonly op: number } | undefined;
};

/** Entries of `meta` about files and work that start over. */
const NOT_KEPT = new Set(["archival.hnsw", "reindex"]);

/**
 * Builds a new database at `to` from what can be read in the one at `from`, which is only read and may be damaged in any way,
 * and from checkpoints. The new database is verified and synced when this returns.
 *
 * @throws MemGPTError `storage_failed` if the new one cannot be written or verified.
 */
export async function salvageDatabase(from: string, to: string, options: SalvageOptions): Promise<Salvaged> {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(to + suffix, { force: true });
  const file = new PageFile(from);
  const db = await openDatabase(to);
  try {
    // Only the result needs to be durable.
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
    // Without a checkpoint, a changed state is better than none.
    const isBest = isState([1, json]) || options.known === undefined;
    if (isBest && agentStateSchema().safeParse(parseJson(json)).success) rows.state(json);
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
    const recovered = number(`SELECT count(*) FROM ${table} WHERE live = 1`);
    // Rows are never removed, so a gap in the numbers is a lost row.
    const missing = number(`SELECT coalesce(max(seq), 0) - count(*) FROM ${table}`);
    return { recovered, of: Math.max(recovered, totals.get(table) ?? recovered + missing, known?.[table] ?? 0) };
  };
  // If the numbering continued from a checkpoint's, earlier numbers are not missing.
  const origin = number("SELECT max(op) FROM journal WHERE kind = 'state' AND ref = 'id' AND before = after");
  const lost = number(
    `SELECT coalesce(max(op) - ${Math.max(origin - 1, 0)} - count(*), 0) FROM journal WHERE op >= ${origin}`,
  );
  const ahead = Math.max(0, (known?.op ?? 0) - number("SELECT max(op) FROM journal"));
  const recovered = number("SELECT count(*) FROM journal");
  return {
    messages: countOf("messages"),
    passages: countOf("passages"),
    operations: { recovered, of: recovered + lost + ahead },
    hasState: number("SELECT count(*) FROM state") > 0,
  };
}

/** @throws MemGPTError `storage_failed` if the new database fails its check. */
function verify(db: Database, file: string): void {
  const problem = problemsOf(db);
  if (problem === "") return;
  throw new MemGPTError("storage_failed", `The salvaged database ${file} did not pass its check (${problem}).`);
}
