import { MemGPTError, describe } from "../../errors.ts";
import { shownTimeOf } from "../files/checkpoint-name.ts";
import type { AgentFolder } from "../files/paths.ts";
import type { FindBackups } from "../../ports/forgetting.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import type { AgentState } from "../../schema/state.ts";
import { CheckpointFolder } from "../files/checkpoints.ts";
import { sizeOf } from "../files/folders.ts";
import type { NoticeSink } from "../../ports/notices.ts";
import { SqliteAgentStore, type StoreOptions } from "../sqlite/agent-store.ts";
import { checkDatabase } from "../sqlite/check.ts";
import { WrongSum, clearSuspicion, isFileDamage, isSuspect } from "../sqlite/damage.ts";
import { type AgentLock, lockAgent } from "../sqlite/lock.ts";
import type { CommonFiles } from "../files/forget-in-home.ts";
import { FileForgetting, type ForgetPlaces, forgetInDatabase, forgetInFiles, unfinishedOrder } from "./forgetting.ts";
import { type Found, agree, settle } from "./agree.ts";
import { copyNotice, finishMending, lastChange, mendDatabase } from "./mend.ts";

/** One agent's files, locked for this process. `state` is undefined where there is no agent yet. */
export type OpenFiles = {
  readonly store: SqliteAgentStore;
  readonly checkpoints: CheckpointFolder;
  readonly forgetting: FileForgetting;
  readonly state: AgentState | undefined;
  /** What was found wrong and mended, for a person to read. */
  readonly notices: readonly string[];
  /** Whether no checkpoint says yet what the agent is now: it is new, or a process ended before it wrote one. */
  readonly isCheckpointDue: boolean;
  release(): Promise<void>;
};

export type OpenOptions = {
  readonly now: () => string;
  /** Gets what a person should know of the indexes. */
  readonly notify?: NoticeSink | undefined;
  /** Whether all of the database is looked at, and not only what is needed. */
  readonly thorough?: boolean | undefined;
  /** The files from which what an agent forgets is removed, too. */
  readonly common?: CommonFiles | undefined;
  /** Finds the backups that hold what is forgotten. */
  readonly backups?: FindBackups | undefined;
  /** Where this process serves the agent, if it does. */
  readonly servedAt?: string | undefined;
};

/**
 * Locks and opens the files of one agent, making them agree: either half restores the other.
 *
 * - What can be read of a damaged database, and of checkpoints, is brought into a new one (see mend.ts). Where only the
 *   state in it cannot be read, that alone is restored from the newest checkpoint.
 * - A damaged checkpoint is named, and another is due.
 * - If the newest checkpoint knows of more than the database, what it has is brought back, and what is missing is said.
 * - If the newest checkpoint is older than one that was in place for certain, somebody removed that one to move the agent
 *   back in time; if it is of before that one although its name is newer, somebody brought it back. The agent goes there.
 * - A copy that was made while the agent was in use is looked at as a whole. What its checkpoints lack is nobody's wish.
 * - What a crash left half written is removed, and what it left half forgotten is forgotten.
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
  // Before the database is opened, which empties the log.
  const isTorn = lock.isCopy && sizeOf(`${folder.database}-wal`) > 0;
  const checkpoints = new CheckpointFolder(folder.checkpoints);
  checkpoints.removeUnfinished();
  finishMending(folder, now);
  const places = { folder, checkpoints, common: options.common ?? {}, backups: options.backups };
  const notices: string[] = [];
  const order = unfinishedOrder(folder, notices);
  if (order !== undefined) forgetInFiles(places, order);
  const { checkpoint, damaged } = checkpoints.newest();
  const nameOf = ({ file, reason }: (typeof damaged)[number]): string =>
    `The checkpoint of ${shownTimeOf(file)} is damaged (${reason}) and was left as it is; nothing else is affected.`;
  notices.push(...damaged.map(nameOf));
  const opening = { checkpoints, checkpoint, ...options, thorough: options.thorough === true || isTorn };
  const { store, unreadable, isMended } = await openStore(folder, opening, notices);
  try {
    if (order !== undefined) await completeForgetting(store, places, order, notices);
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

/** What cannot be completed now is completed at another opening, and does not stand in the way of this one. */
async function completeForgetting(
  store: SqliteAgentStore,
  places: ForgetPlaces,
  order: ForgetOrder,
  notices: string[],
): Promise<void> {
  try {
    await forgetInDatabase(store, places, order);
    notices.push(`A forgetting of ${order.at} had been interrupted and is complete now.`);
  } catch (error) {
    notices.push(`A forgetting of ${order.at} is not complete: ${describe(error)}`);
  }
}

type Opening = Pick<Found, "checkpoint"> & { readonly checkpoints: CheckpointFolder } & OpenOptions;
type Opened = Pick<Found, "store" | "unreadable"> & {
  /** Whether it is a new one, of what could be read of another. */
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

/** Opens the database, or says what is wrong with it, as the end of "it is". */
async function tryStore({ database }: AgentFolder, opening: Opening): Promise<Tried> {
  const { checkpoints, thorough = false } = opening;
  if (sizeOf(database) === 0 && checkpoints.files().length > 0) return { problem: "missing" };
  let store: SqliteAgentStore | undefined;
  try {
    store = await SqliteAgentStore.open({ file: database, ...notifying(opening) });
    await store.history.load();
    if (!thorough && !isSuspect(database)) return { store, unreadable: undefined };
  } catch (error) {
    // One row is at fault, which a checkpoint mends; setting all aside would lose what no checkpoint holds.
    if (store !== undefined && isUnreadable(error)) return { store, unreadable: error };
    await store?.close();
    if (!isDamage(error)) throw error;
    return { problem: `damaged (${describe(causeOf(error))})` };
  }
  const problem = await checkDatabase(database);
  if (problem === "") {
    clearSuspicion(database);
    return { store, unreadable: undefined };
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

/** Whether what was read from an intact file is not what it should be. */
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
