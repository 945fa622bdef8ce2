import { isDeepStrictEqual } from "node:util";
import { MemGPTError, describe } from "../../errors.ts";
import { forgetInState, rewritesOf } from "../../memory/forgetting.ts";
import { undoneBranches } from "../../memory/journey.ts";
import type { StoredOrder } from "../../ports/forget-orders.ts";
import type { ForgetOptions, Forgetting } from "../../ports/forgetting.ts";
import type { Records } from "../../ports/records.ts";
import type { ForgetOrder, ForgetRequest, Forgettable } from "../../schema/forgetting.ts";
import type { AgentState } from "../../schema/state.ts";
import { forgetTyped } from "../files/typed-lines.ts";
import { carriedOut, notCarriedOut } from "../forget-notices.ts";
import { notesOf } from "../forget-notes.ts";
import { namedBy, wantedBy } from "../forget-order.ts";
import { blocksWithout, forgetNotes } from "../records/forget-blocks.ts";
import type { PgAgentStore } from "./agent-store.ts";
import type { CheckpointRows } from "./checkpoint-rows.ts";
import type { Queryable } from "./database.ts";
import { forgetRows } from "./forget-rows.ts";
import { ForgettableRows, isNothing } from "./forgettable-rows.ts";
import type { WaitingOrders } from "./waiting-orders.ts";

/** What agents share: the file of lines typed in the chat, the records of blocks, and a server's records. */
export type CommonMemory = {
  readonly typed?: string | undefined;
  readonly blocks: Records;
  readonly server?: Records | undefined;
};

type Options = { readonly agent: number; readonly common: CommonMemory; readonly waiting: WaitingOrders };

/**
 * Forgets in the rows of one agent, atomically, and in what agents share. What PostgreSQL retains of removed rows (in pages until
 * they are vacuumed and overwritten, in its log, replicas and backups) is up to its operator.
 */
export class PgForgetting implements Forgetting {
  readonly #database: Queryable;
  readonly #agent: number;
  readonly #store: PgAgentStore;
  readonly #checkpoints: CheckpointRows;
  readonly #common: CommonMemory;
  readonly #waiting: WaitingOrders;
  readonly #rows: ForgettableRows;

  constructor(
    database: Queryable,
    { agent, common, waiting }: Options,
    { store, rows }: { readonly store: PgAgentStore; readonly rows: CheckpointRows },
  ) {
    this.#database = database;
    this.#agent = agent;
    this.#store = store;
    this.#checkpoints = rows;
    this.#common = common;
    this.#waiting = waiting;
    this.#rows = new ForgettableRows(database, agent);
  }

  async preview(
    request: ForgetRequest,
    options: ForgetOptions,
  ): Promise<{ readonly order: ForgetOrder; readonly found: Forgettable }> {
    const state = await this.#store.history.load();
    const branches = request.allUndone === true ? await undoneBranches(this.#store.history.journal) : [];
    const texts = await this.#rows.texts();
    const named = namedBy(request, texts);
    const notes = notesOf(await this.#rows.noted(named.noting), options.keep);
    const found = { agent: state?.id ?? "", branches, named, notes };
    const { order: partial, asked, ...shown } = wantedBy(request, options, found, texts);
    const order = { ...partial, labels: await this.#rows.labels(asked, partial.words) };
    const affected = await this.#rows.gone(order, texts);
    const { typed, blocks } = this.#common;
    const forgettable = {
      messages: affected.messages.length,
      passages: affected.passages.length,
      journal: affected.journal.length + affected.relabelled.length + affected.actions.length,
      quarantined: affected.quarantined.length,
      checkpoints: affected.checkpoints.length,
      typed: forgetTyped(typed, order, { isDry: true }),
      // Refreshes the blocks.
      sharers: await this.#waiting.sharers(order),
      blockLines: blocksWithout(blocks, order).length,
      copies: [],
      backups: [],
      rewrites: state === undefined ? [] : rewritesOf(state, order),
      ...shown,
      remains:
        "Backups, exports and replicas of the database are unchanged; its pages and its log keep it until PostgreSQL has " +
        "vacuumed and overwritten them.",
    };
    return { order, found: forgettable };
  }

  async forget(order: ForgetOrder): Promise<AgentState> {
    await this.#waiting.store(this.#agent, order);
    try {
      const state = await this.catchUp();
      await this.#waiting.settle();
      if (state !== undefined) return state;
    } catch (cause) {
      const message = `Not all of it is forgotten yet (${describe(cause)}). Opening the agent again completes it.`;
      throw new MemGPTError("storage_failed", message, { cause, kept: "all" });
    }
    throw new MemGPTError("storage_failed", "The state of the agent cannot be read.");
  }

  async catchUp(before?: () => Promise<void>): Promise<AgentState | undefined> {
    const orders = this.#waiting.of(this.#agent);
    if (orders.length > 0) await before?.();
    let state: AgentState | undefined;
    for (const stored of orders) state = await this.#carryOut(stored);
    return state;
  }

  /** Carries out the orders that waited for the agent to be opened. @returns notices. */
  async complete(): Promise<string[]> {
    const notices: string[] = [];
    await this.#waiting.refresh();
    for (const stored of this.#waiting.of(this.#agent)) {
      try {
        await this.#carryOut(stored);
        notices.push(carriedOut(stored.order));
      } catch (error) {
        notices.push(notCarriedOut(stored.order, error));
      }
    }
    return notices;
  }

  /** Carries out an order; again if that was interrupted. */
  async #carryOut(stored: StoredOrder): Promise<AgentState | undefined> {
    const { order } = stored;
    const { typed, server } = this.#common;
    if (order.only === undefined) {
      forgetTyped(typed, order);
      if (server !== undefined) await forgetNotes(server, order);
    }
    const state = await this.#forgetRows(order);
    this.#store.reset();
    this.#checkpoints.reset();
    await this.#waiting.done(stored);
    return state;
  }

  async #forgetRows(order: ForgetOrder): Promise<AgentState | undefined> {
    const isLimited = order.only !== undefined;
    let state: AgentState | undefined;
    await this.#store.history.exclusively(async (head) => {
      const texts = isLimited ? { messages: [], passages: [] } : await this.#rows.texts();
      const gone = await this.#rows.gone(order, texts);
      state = head.state === undefined ? undefined : forgetInState(head.state, order);
      const isForgotten = isNothing(gone) && isDeepStrictEqual(state, head.state);
      if (isForgotten && (isLimited || (await this.#rows.isNoted(order)))) return head;
      return forgetRows(this.#database, { ...head, state }, head.op, { order, gone, messages: texts.messages });
    });
    return state;
  }
}
