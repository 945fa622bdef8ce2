import { MemGPTError, describe } from "../../errors.ts";
import { shownTimeOf } from "../files/checkpoint-name.ts";
import type { AgentFolder } from "../files/paths.ts";
import type { FindBackups } from "../../ports/forgetting.ts";
import type { AgentState } from "../../schema/state.ts";
import { CheckpointFolder } from "../files/checkpoints.ts";
import { carriedOut, notCarriedOut } from "../forget-notices.ts";
import { sizeOf } from "../files/folders.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { SqliteAgentStore, type StoreOptions } from "../sqlite/agent-store.ts";
import { checkDatabase } from "../sqlite/check.ts";
import { WrongSum, clearSuspicion, isFileDamage, isSuspect } from "../sqlite/damage.ts";
import { type AgentLock, lockAgent } from "../sqlite/lock.ts";
import { WRONG_STATE } from "../sqlite/sums.ts";
import type { CommonFiles } from "../files/forget-in-home.ts";
import { FileForgetting, type ForgetPlaces, forgetInDatabase, forgetInFiles, waitingOrders } from "./forgetting.ts";
import { type Found, agree, settle } from "./agree.ts";
import { type WaitingOrder, unfinishedNeighbours } from "./sharers.ts";
import { copyNotice, finishMending, lastChange, mendDatabase } from "./mend.ts";

/** One agent's files, locked by this process. `state` is undefined if there is no agent yet. */
export type OpenFiles = {
  readonly store: SqliteAgentStore;
  readonly checkpoints: CheckpointFolder;
  readonly forgetting: FileForgetting;
  readonly state: AgentState | undefined;
  /** What was found wrong and repaired. */
  readonly notices: readonly string[];
  /** Whether the present state has no checkpoint yet: the agent is new, or a process ended before it wrote one. */
  readonly isCheckpointDue: boolean;
  release(): Promise<void>;
};

export type OpenOptions = {
  readonly now: () => string;
  /** Receives notices about the indexes. */
  readonly notify?: NoticeSink | undefined;
  /** Whether to check the whole database. */
  readonly thorough?: boolean | undefined;
  /** Files shared by the home's agents, from which forgotten text is removed as well. */
  readonly common?: CommonFiles | undefined;
  /** Finds the backups that contain what is forgotten. */
  readonly backups?: FindBackups | undefined;
  /** URL at which this process serves the agent, if it does. */
  readonly servedAt?: string | undefined;
};

/**
 * Locks and opens the files of one agent, and reconciles database and checkpoints: either restores the other.
 *
 * - A damaged database is rebuilt from what can be read of it and of the checkpoints (see mend.ts). If only its state is
 *   unreadable, that alone is restored from the newest checkpoint.
 * - A damaged checkpoint is reported, and a new one is due.
 * - If the newest checkpoint is ahead of the database, its state is restored, and a notice says what is missing.
 * - If the newest checkpoint is older than one known to have been in place, somebody removed that one to take the agent back
 *   in time; if its name is newer but its operation older, somebody put it back. The agent goes there.
 * - A copy made while the agent was in use is checked completely. Missing checkpoints do not take it back in time.
 * - Files that a crash left half written are removed, and a forgetting that it interrupted is completed.
 *
 * @throws MemGPTError `agent_locked`; `agent_not_found` if there is no folder; `storage_failed` if neither half can be used or a newer program wrote it.
 */
export async function openAgentFiles(folder: AgentFolder, options: OpenOptions): Promise<OpenFiles> {
  const lock = await lockAgent(folder.lock, folder.name, options.servedAt);
  try {
    return await reconcile(folder, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function reconcile(folder: AgentFolder, lock: AgentLock, options: OpenOptions): Promise<OpenFiles> {
  const { now } = options;
  // Must come first: opening the database empties the log.
  const isTorn = lock.isCopy && sizeOf(`${folder.database}-wal`) > 0;
  const checkpoints = new CheckpointFolder(folder.checkpoints);
  checkpoints.removeUnfinished();
  finishMending(folder, now);
  const visit = (other: AgentFolder): Promise<void> => visitAgent(other, options);
  const places = { folder, checkpoints, common: options.common ?? {}, backups: options.backups, visit };
  const notices: string[] = [];
  // First, because they may still have orders to deliver to this one.
  for (const other of unfinishedNeighbours(folder)) await visit(other);
  const orders = waitingOrders(folder, notices);
  for (const { order } of orders) await forgetInFiles(places, order);
  const { checkpoint, damaged } = checkpoints.newest();
  const nameOf = ({ file, reason }: (typeof damaged)[number]): string =>
    `The checkpoint of ${shownTimeOf(file)} is damaged (${reason}) and was left as it is; nothing else is affected.`;
  notices.push(...damaged.map(nameOf));
  const opening = { checkpoints, checkpoint, ...options, thorough: options.thorough === true || isTorn };
  const { store, unreadable, isMended } = await openStore(folder, opening, notices);
  try {
    for (const order of orders) await completeForgetting(store, places, order, notices);
    if (isTorn) notices.push(copyNotice(folder, await lastChange(store)));
    const found = { store, checkpoint, isDamaged: damaged.length > 0, isTorn, unreadable };
    const { state, isCheckpointDue } = isMended ? await settle(found, now) : await agree(folder, found, notices, now);
    const release = async (): Promise<void> => {
      await store.close();
      lock.release();
    };
    const forgetting = new FileForgetting(store, places);
    return { store, checkpoints, forgetting, state, notices, isCheckpointDue, release };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** A failure only adds a notice: the next opening tries again. */
async function completeForgetting(
  store: SqliteAgentStore,
  places: ForgetPlaces,
  waiting: WaitingOrder,
  notices: string[],
): Promise<void> {
  try {
    await forgetInDatabase(store, places, waiting);
    notices.push(carriedOut(waiting.order));
  } catch (error) {
    notices.push(notCarriedOut(waiting.order, error));
  }
}

/** Opens and closes an agent, so that its waiting orders are carried out. A process that has it open does that itself. */
async function visitAgent(folder: AgentFolder, { now, common }: OpenOptions): Promise<void> {
  try {
    const files = await openAgentFiles(folder, { now, common });
    await files.release();
  } catch {
    // The next opening reports the error and does what is left to do.
  }
}

type Opening = Pick<Found, "checkpoint"> & { readonly checkpoints: CheckpointFolder } & OpenOptions;
type Opened = Pick<Found, "store" | "unreadable"> & {
  /** Whether the database was rebuilt. */
  readonly isMended: boolean;
};

async function openStore(folder: AgentFolder, opening: Opening, notices: string[]): Promise<Opened> {
  const { store, unreadable, problem } = await tryStore(folder, opening);
  if (store !== undefined) return { store, unreadable, isMended: false };
  notices.push(await mendDatabase(folder, { problem, ...opening }));
  return {
    store: await SqliteAgentStore.open({ file: folder.database, ...notifying(opening) }),
    unreadable: undefined,
    isMended: true,
  };
}

type Tried =
  | { readonly store: SqliteAgentStore; readonly unreadable: unknown; readonly problem?: never }
  | { readonly store?: never; readonly unreadable?: never; readonly problem: string };

/** Opens the database, or returns what is wrong with it, to complete "it is". */
async function tryStore({ database }: AgentFolder, opening: Opening): Promise<Tried> {
  const { checkpoints, thorough = false } = opening;
  if (sizeOf(database) === 0 && checkpoints.files().length > 0) return { problem: "missing" };
  let store: SqliteAgentStore | undefined;
  let unreadable: unknown;
  try {
    store = await SqliteAgentStore.open({ file: database, ...notifying(opening) });
    await store.history.load();
  } catch (error) {
    // Only the state's row is bad, and a checkpoint can restore it; a rebuild would lose what no checkpoint has.
    if (store === undefined || !isUnreadable(error)) {
      await store?.close();
      if (!isDamage(error)) throw error;
      return { problem: `damaged (${describe(causeOf(error))})` };
    }
    unreadable = error;
  }
  if (!thorough && !isSuspect(database)) return { store, unreadable };
  const problem = await checkDatabase(database);
  if (problem === "" || (unreadable !== undefined && problem === WRONG_STATE)) {
    clearSuspicion(database);
    return { store, unreadable };
  }
  await store.close();
  return { problem: `damaged (${problem})` };
}

function notifying({ notify }: OpenOptions): Pick<StoreOptions, "notify"> {
  return notify === undefined ? {} : { notify };
}

function causeOf(error: unknown): unknown {
  return error instanceof MemGPTError ? (error.cause ?? error) : error;
}

/** Whether an intact file contains an invalid state. */
function isUnreadable(error: unknown): boolean {
  const cause = causeOf(error);
  if (cause instanceof WrongSum) return true;
  return cause instanceof Error && (cause.name === "ZodError" || cause instanceof SyntaxError);
}

/** Whether the file is at fault: SQLite or our own check says so, or its schema is not what a statement expects. */
function isDamage(error: unknown): boolean {
  const cause = causeOf(error);
  const isOurStatement = cause instanceof Error && "code" in cause && cause.code === "SQLITE_ERROR";
  const isKnown = error instanceof MemGPTError && error.code === "storage_damaged";
  return isKnown || isFileDamage(cause) || isOurStatement;
}
