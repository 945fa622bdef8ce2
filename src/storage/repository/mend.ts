import { existsSync, linkSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { MemGPTError } from "../../errors.ts";
import type { AgentStore } from "../../ports/agent-store.ts";
import type { AgentState } from "../../schema/state.ts";
import { shownTime } from "../../time/format.ts";
import type { Checkpoint, CheckpointFolder } from "../files/checkpoints.ts";
import { syncFolder } from "../files/folders.ts";
import { shownTimeOf } from "../files/checkpoint-name.ts";
import type { AgentFolder } from "../files/paths.ts";
import type { Count, Salvaged } from "../salvage/rebuild.ts";
import { clearSuspicion } from "../sqlite/damage.ts";

export type MendOptions = {
  /** What is wrong with the database, to complete "The database of sam is". */
  readonly problem: string;
  readonly checkpoints: CheckpointFolder;
  /** The newest readable one. */
  readonly checkpoint: Checkpoint | undefined;
  readonly now: () => string;
};

/**
 * Rebuilds a damaged or missing database from what can be read, and puts the new one in its place. The old one is set aside,
 * never overwritten. A crash at any moment leaves the old one, or a new one that the next opening puts in place.
 *
 * @returns a notice of what was recovered.
 * @throws MemGPTError `storage_failed` if neither database nor checkpoint has the agent's state, or the new database cannot be
 *   written; the old one is then unchanged.
 */
export async function mendDatabase(folder: AgentFolder, options: MendOptions): Promise<string> {
  const { checkpoints, checkpoint, problem, now } = options;
  const states = readableStates(checkpoints);
  const known = checkpoint === undefined ? undefined : { ...countsOf(checkpoint), op: checkpoint.op };
  const { salvageDatabase } = await import("../salvage/rebuild.ts");
  const salvaged = await salvageDatabase(folder.database, draftOf(folder), { states: () => states.all(), known });
  if (!salvaged.hasState && checkpoint === undefined) {
    rmSync(draftOf(folder), { force: true });
    throw new MemGPTError(
      "storage_failed",
      `Agent ${folder.name} has neither a database nor a checkpoint that can be read, in ${folder.root}. ` +
        "Everything was left as it is.",
    );
  }
  renameSync(draftOf(folder), readyOf(folder));
  syncFolder(folder.root);
  const aside = putInPlace(folder, now());
  return notice(folder, salvaged, { problem, aside, checkpoint, checkpoints: states.count() });
}

/** Puts a rebuilt database in its place if a crash prevented that. */
export function finishMending(folder: AgentFolder, now: () => string): void {
  rmSync(draftOf(folder), { force: true });
  if (existsSync(readyOf(folder))) putInPlace(folder, now());
}

type Behind = {
  readonly checkpoint: Checkpoint;
  /** What the database holds after the checkpoint was restored. */
  readonly counts: { readonly messages: number; readonly passages: number };
  /** Time of its newest operation, ISO 8601; undefined if it has none. */
  readonly until: string | undefined;
  /** Whether the files were copied while the agent was in use. */
  readonly isTorn: boolean;
};

/**
 * The notice when the newest checkpoint is ahead of the database: the write-ahead log was removed, an older database was put
 * there, or the database was copied before the checkpoint was written.
 */
export function behindNotice({ name }: AgentFolder, { checkpoint, counts, until, isTorn }: Behind): string {
  const known = countsOf(checkpoint);
  const missing = [
    [known.messages - counts.messages, "message"] as const,
    [known.passages - counts.passages, "passage"] as const,
  ].flatMap(([count, thing]) => (count > 0 ? [`${count} ${thing}${count === 1 ? "" : "s"}`] : []));
  const since = until === undefined ? "" : ` written after ${shownTime(until)}`;
  const lost =
    missing.length === 0
      ? "As far as that checkpoint knows, no message or passage is missing"
      : `${missing.join(" and ")}${since} are missing and cannot be searched`;
  const why = isTorn
    ? "it was copied before that checkpoint was written"
    : "its write-ahead log (agent.db-wal) is gone, or an older agent.db was put there";
  return (
    `The database of ${name} is older than its newest checkpoint, of ${shownTimeOf(checkpoint.file)}: ${why}. ` +
    `Core memory and context were restored from that checkpoint. ${lost}.`
  );
}

/** The notice when a copy of an agent in use is opened. `until`: time of the last change in its database. */
export function copyNotice({ name }: AgentFolder, until: string | undefined): string {
  const end = until === undefined ? "" : ` The last change in this copy's database is of ${shownTime(until)}.`;
  return (
    `The files of ${name} were copied while the agent was in use, or after it was killed.${end} ` +
    "Later changes are missing; `memgpt backup` copies an agent in use completely."
  );
}

/** Time of the newest operation in the database, ISO 8601 in UTC; undefined without operations. */
export async function lastChange({ history }: Pick<AgentStore, "history">): Promise<string | undefined> {
  const head = await history.journal.head();
  return (await history.journal.entries(head - 1, head))[0]?.at;
}

/** How much the agent remembered when a checkpoint was written. */
function countsOf({ counts, state }: Checkpoint): { messages: number; passages: number } {
  return counts ?? { messages: state.shown.recall, passages: state.shown.archival };
}

/** @returns the path of the old database, set aside; undefined if there was none. */
function putInPlace(folder: AgentFolder, now: string): string | undefined {
  const aside = `${folder.database}.damaged-${now.replaceAll(":", "-")}`;
  const isThere = existsSync(folder.database);
  if (isThere) setAside(folder.database, aside);
  // SQLite would apply an old log to the new database.
  if (existsSync(`${folder.database}-wal`)) renameSync(`${folder.database}-wal`, `${aside}-wal`);
  rmSync(`${folder.database}-shm`, { force: true });
  renameSync(readyOf(folder), folder.database);
  clearSuspicion(folder.database);
  syncFolder(dirname(folder.database));
  return isThere ? aside : undefined;
}

/** Uses a hard link if possible, so that a database is in place at every moment. */
function setAside(file: string, aside: string): void {
  try {
    linkSync(file, aside);
  } catch {
    renameSync(file, aside);
  }
}

function draftOf({ database }: AgentFolder): string {
  return `${database}.salvaging`;
}

/** A rebuilt database that is complete, verified and synced. */
function readyOf({ database }: AgentFolder): string {
  return `${database}.salvaged`;
}

/** The states of all readable checkpoints, newest first, and the count of readable ones. */
function readableStates(checkpoints: CheckpointFolder): { all: () => Generator<AgentState>; count: () => Count } {
  const files = checkpoints.files().reverse();
  const readable = new Set<string>();
  function* all(): Generator<AgentState> {
    for (const file of files) {
      let state: AgentState;
      try {
        ({ state } = checkpoints.read(file));
      } catch {
        continue;
      }
      readable.add(file);
      yield state;
    }
  }
  return { all, count: () => ({ recovered: readable.size, of: files.length }) };
}

type Mended = {
  readonly problem: string;
  readonly aside: string | undefined;
  readonly checkpoint: Checkpoint | undefined;
  readonly checkpoints: Count;
};

function notice(folder: AgentFolder, salvaged: Salvaged, { problem, aside, checkpoint, checkpoints }: Mended): string {
  const { messages, passages, operations, hasState, doubted } = salvaged;
  const recovered = [
    `${counted(messages, "message")}${inWords(messages.words)}`,
    `${counted(passages, "passage")}${inWords(passages.words)}`,
    counted(operations, "journal operation"),
    counted(checkpoints, "checkpoint"),
  ];
  const isPartial = messages.recovered < messages.of || passages.recovered < passages.of;
  const isStateRestored = !hasState || (checkpoint?.op ?? 0) > operations.of;
  const parts = [
    `The database of ${folder.name} is ${problem}. What could be read was brought into a new one: ${recovered.join(", ")}.`,
    isStateRestored && checkpoint !== undefined
      ? `Core memory and context were restored from the checkpoint of ${shownTimeOf(checkpoint.file)}.`
      : "Core memory and context are as they were.",
    isPartial ? "What is missing cannot be searched." : "",
    doubted.length === 0 ? "" : `Kept although changed on disk, because no better copy was found: ${named(doubted)}.`,
    operations.recovered < operations.of ? "Undo stops where journal operations are missing." : "",
    aside === undefined ? "" : `The old file was kept as ${aside}.`,
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function counted({ recovered, of }: Count, thing: string): string {
  return `${recovered} of ${of} ${thing}${of === 1 ? "" : "s"}`;
}

function named(all: readonly string[]): string {
  const more = all.length - MOST_NAMED;
  return all.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

const MOST_NAMED = 5;

function inWords(count: number): string {
  return count === 0 ? "" : ` (${count} only as words from the search index)`;
}
