import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { MemGPTError, describe, isDiskFull } from "../../errors.ts";
import { parseJson } from "../../memory/envelope.ts";
import { rewritesOf } from "../../memory/forgetting.ts";
import type { FindBackups, ForgetOptions, Forgetting } from "../../ports/forgetting.ts";
import { type Forgettable, type ForgetOrder, type ForgetRequest, forgetOrderSchema } from "../../schema/forgetting.ts";
import type { AgentState } from "../../schema/state.ts";
import { writeFileAtomic } from "../files/atomic.ts";
import type { CheckpointFolder } from "../files/checkpoints.ts";
import { forgetInCheckpoints } from "../files/forget-in-checkpoints.ts";
import { syncFolder } from "../files/folders.ts";
import { type CommonFiles, forgetInHome } from "../files/forget-in-home.ts";
import type { AgentFolder } from "../files/paths.ts";
import type { SqliteAgentStore } from "../sqlite/agent-store.ts";
import {
  type WaitingOrder,
  deliverOrders,
  noteFinished,
  noteUnfinished,
  removeOrder,
  sharedOrders,
  sharersOf,
  waitingNeighbours,
} from "./sharers.ts";

/** Steps of carrying out an order. Each can be repeated. */
export type ForgetStep =
  "order" | "shared" | "checkpoints" | "copies" | "common" | "rows" | "pages" | "sharers" | "done";

export type ForgetPlaces = {
  readonly folder: AgentFolder;
  readonly checkpoints: CheckpointFolder;
  readonly common: CommonFiles;
  /** Finds the backups that contain what is forgotten. */
  readonly backups?: FindBackups | undefined;
  /** Opens and closes another agent, so that it carries out its waiting orders. */
  readonly visit?: ((folder: AgentFolder) => Promise<void>) | undefined;
  /** Called after each step, for tests that simulate a crash. */
  readonly reached?: ((step: ForgetStep) => void) | undefined;
};

/** Forgetting in one open agent: its database, its checkpoints and the other files of its home. */
export class FileForgetting implements Forgetting {
  readonly #places: ForgetPlaces;
  readonly #store: SqliteAgentStore;

  constructor(store: SqliteAgentStore, places: ForgetPlaces) {
    this.#store = store;
    this.#places = places;
  }

  async preview(
    request: ForgetRequest,
    options: ForgetOptions,
  ): Promise<{ readonly order: ForgetOrder; readonly found: Forgettable }> {
    const { order, ...shown } = await this.#store.forgetting.order(request, options);
    const state = await this.#store.history.load();
    const { folder, checkpoints, common, backups } = this.#places;
    const { agent, words } = order;
    const sought = { agent, words, ids: [...order.messages, ...order.passages] };
    const found = {
      ...this.#store.forgetting.count(order),
      checkpoints: forgetInCheckpoints(folder.checkpoints, checkpoints.files(), order, { isDry: true }),
      ...forgetInHome(common, order, { isDry: true }),
      sharers: (await sharersOf(folder, common.blocks, order)).map((sharer) => sharer.folder.name),
      copies: copiesIn(folder).map((file) => basename(file)),
      rewrites: state === undefined ? [] : rewritesOf(state, order),
      ...shown,
      backups: (await backups?.(sought)) ?? [],
      remains: "Backups and exports that you made elsewhere are unchanged.",
    };
    return { order, found };
  }

  async catchUp(before?: () => Promise<void>): Promise<AgentState | undefined> {
    let state: AgentState | undefined;
    const orders = sharedOrders(this.#places.folder);
    if (orders.length > 0) await before?.();
    for (const waiting of orders) {
      await forgetInFiles(this.#places, waiting.order);
      state = await forgetInDatabase(this.#store, this.#places, waiting);
    }
    return state;
  }

  async forget(order: ForgetOrder): Promise<AgentState> {
    const { folder, reached } = this.#places;
    try {
      noteUnfinished(folder);
      writeFileAtomic(folder.forgetOrder, JSON.stringify(order));
    } catch (cause) {
      const reason = isDiskFull(cause) ? "the disk is full: make room on it" : describe(cause);
      const message = `The order to forget could not be stored (${reason}). Nothing was forgotten.`;
      throw new MemGPTError("storage_failed", message, { cause, kept: "nothing" });
    }
    reached?.("order");
    try {
      await forgetInFiles(this.#places, order);
      return await forgetInDatabase(this.#store, this.#places, { order, file: folder.forgetOrder });
    } catch (cause) {
      const isFull = isDiskFull(cause);
      if (cause instanceof MemGPTError && !isFull) throw cause;
      const reason = isFull ? "the disk is full: make room on it" : describe(cause);
      const message = `Not all of it is forgotten yet (${reason}). Opening the agent again completes it.`;
      throw new MemGPTError("storage_failed", message, { cause, kept: "all" });
    }
  }
}

/** Orders to carry out: one that a process left unfinished, and those from agents that share a block. */
export function waitingOrders(folder: AgentFolder, notices: string[]): WaitingOrder[] {
  const order = unfinishedOrder(folder, notices);
  if (order === undefined) noteFinished(folder);
  return [...(order === undefined ? [] : [{ order, file: folder.forgetOrder }]), ...sharedOrders(folder)];
}

/** An unreadable order is removed, with a notice. */
function unfinishedOrder({ root, forgetOrder }: AgentFolder, notices: string[]): ForgetOrder | undefined {
  const file = basename(forgetOrder);
  const names = existsSync(root) ? readdirSync(root) : [];
  for (const name of names) {
    // A crash while writing it, so none of it was carried out.
    if (name.startsWith(`${file}.`) && name.endsWith(".tmp")) rmSync(join(root, name), { force: true });
  }
  if (!names.includes(file)) return undefined;
  const { data } = forgetOrderSchema().safeParse(parseJson(readFileSync(forgetOrder, "utf8")));
  if (data !== undefined) return data;
  rmSync(forgetOrder, { force: true });
  notices.push(
    `An interrupted forgetting could not be completed: ${file} was damaged, and was removed. Forget it again.`,
  );
  return undefined;
}

/** Carries out the part of an order that does not need the agent's database. */
export async function forgetInFiles(
  { folder, checkpoints, common, reached }: ForgetPlaces,
  order: ForgetOrder,
): Promise<void> {
  // First, because the block records, which name the sharers, change below.
  deliverOrders(await sharersOf(folder, common.blocks, order));
  reached?.("shared");
  forgetInCheckpoints(folder.checkpoints, checkpoints.files(), order);
  reached?.("checkpoints");
  for (const file of copiesIn(folder)) rmSync(file, { force: true });
  reached?.("copies");
  if (order.only === undefined) forgetInHome(common, order);
  reached?.("common");
}

/** Carries out the rest of an order. */
export async function forgetInDatabase(
  store: SqliteAgentStore,
  { folder, checkpoints, visit, reached }: ForgetPlaces,
  { order, file }: WaitingOrder,
): Promise<AgentState> {
  const state = store.forgetting.apply(order);
  store.reset();
  reached?.("rows");
  store.forgetting.scrub();
  reached?.("pages");
  await moveMark(store, checkpoints);
  if (order.only === undefined) for (const other of waitingNeighbours(folder)) await visit?.(other);
  reached?.("sharers");
  removeOrder(folder, file);
  syncFolder(folder.root);
  reached?.("done");
  if (state !== undefined) return state;
  throw new MemGPTError("storage_failed", `The state of ${folder.name} cannot be read.`);
}

/** Moves the mark from a checkpoint removed here, so that it does not look as if a person had removed it to go back in time. */
async function moveMark({ marks }: SqliteAgentStore, checkpoints: CheckpointFolder): Promise<void> {
  const mark = await marks.get();
  if (mark === undefined || checkpoints.files().includes(mark.file)) return;
  const { checkpoint } = checkpoints.newest();
  if (checkpoint !== undefined) marks.note({ file: checkpoint.file, op: checkpoint.op });
}

/** Damaged databases that were set aside, from which nothing can be removed. */
function copiesIn({ root, database }: AgentFolder): string[] {
  const prefix = `${basename(database)}.damaged-`;
  return readdirSync(root)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(root, name));
}
