import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";
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

/** What is done of an order. Each step can be repeated. */
export type ForgetStep = "order" | "checkpoints" | "copies" | "common" | "rows" | "pages" | "done";

export type ForgetPlaces = {
  readonly folder: AgentFolder;
  readonly checkpoints: CheckpointFolder;
  readonly common: CommonFiles;
  /** Which of the backups that were written hold what is forgotten. */
  readonly backups?: FindBackups | undefined;
  /** Called after each step, for tests of what a crash leaves. */
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
      copies: copiesIn(folder).map((file) => basename(file)),
      rewrites: state === undefined ? [] : rewritesOf(state, order),
      ...shown,
      backups: (await backups?.(sought)) ?? [],
      remains: "Backups and exports that you made elsewhere are unchanged.",
    };
    return { order, found };
  }

  async forget(order: ForgetOrder): Promise<AgentState> {
    const { folder, reached } = this.#places;
    try {
      writeFileAtomic(folder.forgetOrder, JSON.stringify(order));
    } catch (cause) {
      const message = `What is to be forgotten could not be noted (${describe(cause)}). Nothing was forgotten.`;
      throw new MemGPTError("storage_failed", message, { cause, kept: "nothing" });
    }
    reached?.("order");
    try {
      forgetInFiles(this.#places, order);
      return await forgetInDatabase(this.#store, this.#places, order);
    } catch (cause) {
      if (cause instanceof MemGPTError) throw cause;
      const message = `Not all of it is forgotten yet (${describe(cause)}). Opening the agent again completes it.`;
      throw new MemGPTError("storage_failed", message, { cause, kept: "all" });
    }
  }
}

/** The order that a process left unfinished; undefined if none did. One that cannot be read is removed, with a notice. */
export function unfinishedOrder({ root, forgetOrder }: AgentFolder, notices: string[]): ForgetOrder | undefined {
  const file = basename(forgetOrder);
  const names = existsSync(root) ? readdirSync(root) : [];
  for (const name of names) {
    // It was being written, so nothing of it was carried out.
    if (name.startsWith(`${file}.`) && name.endsWith(".tmp")) rmSync(join(root, name), { force: true });
  }
  if (!names.includes(file)) return undefined;
  const { data } = forgetOrderSchema.safeParse(parseJson(readFileSync(forgetOrder, "utf8")));
  if (data !== undefined) return data;
  rmSync(forgetOrder, { force: true });
  notices.push(
    `A forgetting was interrupted, and ${file}, which said of what, was damaged and is removed. Forget it again.`,
  );
  return undefined;
}

/** The part of an order that needs no database. */
export function forgetInFiles({ folder, checkpoints, common, reached }: ForgetPlaces, order: ForgetOrder): void {
  forgetInCheckpoints(folder.checkpoints, checkpoints.files(), order);
  reached?.("checkpoints");
  for (const file of copiesIn(folder)) rmSync(file, { force: true });
  reached?.("copies");
  forgetInHome(common, order);
  reached?.("common");
}

/** The rest of an order. */
export async function forgetInDatabase(
  store: SqliteAgentStore,
  { folder, checkpoints, reached }: ForgetPlaces,
  order: ForgetOrder,
): Promise<AgentState> {
  const state = store.forgetting.apply(order);
  store.reset();
  reached?.("rows");
  store.forgetting.scrub();
  reached?.("pages");
  await moveMark(store, checkpoints);
  rmSync(folder.forgetOrder, { force: true });
  syncFolder(folder.root);
  reached?.("done");
  if (state !== undefined) return state;
  throw new MemGPTError("storage_failed", `The state of ${folder.name} cannot be read.`);
}

/** A checkpoint that was removed here is not one that a person removed, to go back in time. */
async function moveMark({ marks }: SqliteAgentStore, checkpoints: CheckpointFolder): Promise<void> {
  const mark = await marks.get();
  if (mark === undefined || checkpoints.files().includes(mark.file)) return;
  const { checkpoint } = checkpoints.newest();
  if (checkpoint !== undefined) marks.note({ file: checkpoint.file, op: checkpoint.op });
}

/** Databases that were set aside because they were damaged: nothing can be taken out of them. */
function copiesIn({ root, database }: AgentFolder): string[] {
  const prefix = `${basename(database)}.damaged-`;
  return readdirSync(root)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(root, name));
}
