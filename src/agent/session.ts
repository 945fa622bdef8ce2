import { MemGPTError } from "../errors.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { Llm } from "../ports/llm.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { Message } from "../schema/message.ts";
import { originOf } from "../schema/origin.ts";
import type { AgentState } from "../schema/state.ts";
import type { ActionRef, Change, HistoryMove } from "../ports/history.ts";
import { Collections } from "../search/passages/collections.ts";
import { Attempt, readingIn } from "./attempt.ts";
import { withCurrentCounts } from "./counts.ts";
import type { AgentDeps, AgentParts } from "./deps.ts";
import { BackgroundEmbedding, type EmbedSaidOptions, embedAllSaid } from "./embed-said.ts";
import { forgetShared, publishBlocks, receiveBlocks } from "./receive-blocks.ts";
import { proposals } from "./propose-forgetting.ts";
import { type Equipment, type TurnWishes, deferring, equip } from "./equipment.ts";
import { Meter, metered } from "./meter.ts";
import { Saving } from "./saving.ts";

/** One open agent: its current state, and the lock on changing it. Runs one turn or command at a time. */
export class Session {
  readonly parts: AgentParts;
  readonly saving: Saving;
  readonly meter = new Meter();
  /** Number of notices delivered. */
  noticesDelivered = 0;
  /** The model last reported as having no known price. */
  reportedUnpriced: string | undefined;
  /** Texts that the person agreed to erase, once the turn has ended. */
  readonly erasing: string[] = [];
  #state: AgentState;
  #equipment: Equipment | undefined;
  #collections: Collections | undefined;
  #loggedIn = false;
  /** A retry whose first step is not finished yet. */
  #attempt: Attempt | undefined;
  #busy = false;
  #closed = false;
  readonly #closing = new AbortController();
  readonly #background: BackgroundEmbedding;

  constructor(parts: AgentParts, state: AgentState, { llm, isSaved }: { llm: Llm | undefined; isSaved: boolean }) {
    this.parts = parts;
    this.#state = state;
    this.saving = new Saving(parts.checkpoints, isSaved ? state : undefined);
    this.#equip().llm = llm;
    this.save();
    this.#background = new BackgroundEmbedding(parts, () => this.#busy);
    this.#background.wake();
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Each session begins with one login event, sent along with the first input. */
  get isLoggedIn(): boolean {
    return this.#loggedIn;
  }

  get schemas(): readonly FunctionSchema[] {
    return this.#equip().schemas;
  }

  get functions(): ReadonlyMap<string, AgentFunction> {
    return this.#equip().functions;
  }

  /** Adopts a state that is already stored. Even if it is an old one, the agent keeps its id and name. */
  adopt(state: AgentState): void {
    const { id, name } = this.#state;
    this.#state = state.id === id && state.name === name ? state : { ...state, id, name };
  }

  /** Adopts the state at the end of a move through history, with current counts: the database may have been lost since. */
  async arrive({ state }: Pick<HistoryMove, "state">): Promise<void> {
    await this.parts.functions.prepare(state.functions);
    for (const notice of await this.parts.sources.prepare(state.sources ?? [])) this.parts.notices.add(notice);
    this.adopt(await withCurrentCounts(state, this.parts.store));
  }

  /** A new turn or command. Changes under it are undone together. */
  action(label: string): ActionRef {
    return { id: this.parts.newId(), label };
  }

  /** The agent's own passages, during a retry without those it reverts, and those of attached sources. */
  get collections(): Collections {
    const { store, embedder, reranking, sources } = this.parts;
    const { archival } = this.#attempt ?? store;
    const attached = (this.#state.sources ?? []).flatMap((name) => sources.collection(name) ?? []);
    const current = [{ source: null, archival, embedder }, ...attached];
    // Reused while they stay the same, because they hold the lists that pages are cut from.
    const known = this.#collections?.all ?? [];
    const isSame =
      known.length === current.length && current.every(({ archival: own }, i) => own === known[i]?.archival);
    return isSame && this.#collections !== undefined
      ? this.#collections
      : (this.#collections = new Collections({ source: null, archival, embedder }, attached, reranking));
  }

  /** What a turn needs. Everything it commits belongs to `action`. @throws MemGPTError if its model is unavailable. */
  deps(action: ActionRef, wishes: TurnWishes = {}): AgentDeps {
    const { notices, now, newId, quarantine, secrets, maxCost, askConsent, allowed } = this.parts;
    const maxSteps = Math.min(this.parts.maxSteps, wishes.maxSteps ?? Infinity);
    const store = readingIn(() => this.#attempt ?? this.parts.store);
    const cost = (): number => this.meter.session.cost;
    const equipment = this.#equip();
    const { answeredBy } = wishes;
    const { settings } = answeredBy === undefined ? this.#state : this.parts.override(this.#state, answeredBy);
    const model = answeredBy === undefined ? (equipment.llm ??= this.parts.llm(settings)) : this.parts.llm(settings);
    const llm = metered(model, (usage) => {
      this.meter.add(usage, this.parts.price(settings));
    });
    const { functions, schemas } = deferring(equipment, wishes);
    const commit: AgentDeps["commit"] = async (change) => {
      this.#closing.signal.throwIfAborted();
      const op = await this.#store({ ...change, action });
      this.adopt(change.state);
      this.#note(change.messages);
      return op;
    };
    const tokenizer: AgentDeps["tokenizer"] = () => this.parts.tokenizer(settings);
    const bounds = { now, newId, quarantine, secrets, maxSteps, maxCost, cost, askConsent, allowed };
    return {
      store,
      collections: () => this.collections,
      notify: notices.add,
      llm,
      tokenizer,
      functions,
      schemas,
      commit,
      ...proposals(this),
      ...bounds,
    };
  }

  /** Stores what a command changed. */
  async commit(action: ActionRef, change: Pick<Change, "state"> & Partial<Change>): Promise<void> {
    const { store, now } = this.parts;
    const state = await withCurrentCounts(change.state, store, change);
    const origin = change.origin ?? originOf("person");
    const whole = { cause: action.label, at: now(), messages: [], passages: [], ...change, origin, action, state };
    if (this.#attempt === undefined) await store.history.commit(whole);
    else this.#attempt.add(whole);
    // An import does not change the state, but a checkpoint after it is still a new place to go back to.
    this.saving.last = undefined;
    this.adopt(state);
  }

  /** @throws MemGPTError `agent_busy` if the agent is closed or busy. */
  assertIdle(): void {
    const { name } = this.#state;
    if (this.#closed) throw new MemGPTError("agent_busy", `Agent ${name} is closed. Open it again to continue.`);
    if (this.#busy) {
      throw new MemGPTError("agent_busy", `Agent ${name} is in the middle of a turn. Wait for it or interrupt it.`);
    }
  }

  /** Runs a command, and saves what it changed. @throws MemGPTError `agent_busy`. */
  async exclusively<T>(work: (session: this) => Promise<T>): Promise<T> {
    this.assertIdle();
    this.#busy = true;
    try {
      await receiveBlocks(this);
      const result = await work(this);
      this.save();
      return result;
    } finally {
      await publishBlocks(this);
      this.#busy = false;
      this.#background.wake();
    }
  }

  /**
   * Like `exclusively`, for work that yields. It ends early if the caller stops iterating, `signal` is aborted or the agent
   * is closed.
   *
   * @throws MemGPTError `agent_busy`; `interrupted` if it was stopped.
   */
  async *exclusivelyYielding<T>(
    signal: AbortSignal | undefined,
    work: (stop: AbortSignal) => AsyncGenerator<T, void, void>,
  ): AsyncGenerator<T, void, void> {
    this.assertIdle();
    this.#busy = true;
    const closing = this.#closing.signal;
    const stop = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    try {
      await receiveBlocks(this);
      yield* work(stop);
    } catch (error) {
      throw stop.aborted ? interrupted(error) : error;
    } finally {
      if (!this.#closed) this.save();
      await publishBlocks(this);
      this.#busy = false;
      this.#background.wake();
    }
  }

  /**
   * Runs work that stores nothing until its first step is finished. Until then it leaves no trace if it fails, the caller
   * stops, the agent is closed or the process is killed.
   */
  async *tentatively<T>(work: () => AsyncGenerator<T, void, void>): AsyncGenerator<T, void, void> {
    this.#attempt = await Attempt.begin(this.parts.store, { state: this.#state, saved: this.saving.last });
    try {
      yield* work();
    } finally {
      this.#drop();
    }
  }

  /** Embeds messages now. @throws MemGPTError `agent_busy`, `interrupted`. */
  async embedSaid({ signal, onProgress }: EmbedSaidOptions): Promise<void> {
    const { embedder, store } = this.parts;
    const { said } = store.maintenance;
    const closing = this.#closing.signal;
    const stop = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    await this.exclusively(() => embedAllSaid({ said, embedder, signal: stop }, onProgress)).catch((error: unknown) => {
      throw stop.aborted ? interrupted(error) : error;
    });
  }

  /** Schedules a checkpoint if anything changed since the last. The change itself is already stored. */
  save(): void {
    this.saving.later(this.#state);
  }

  /** Stops a running turn, saves, and runs `release`. Closing twice is harmless. */
  async close(release: () => Promise<void>): Promise<void> {
    if (this.#closed) return;
    this.#closing.abort();
    this.#background.stop();
    try {
      this.#drop();
      await forgetShared(this);
      // One more try to write the checkpoint.
      await this.saving.settled(this.#state).catch(() => undefined);
    } finally {
      this.#closed = true;
      await release();
    }
  }

  /** Stores the changes of a step or a flush; in a retry, all at once when its first step is finished. @returns the operation. */
  async #store(change: Change): Promise<number> {
    const { store } = this.parts;
    const attempt = this.#attempt;
    const paid = { ...change, spent: this.meter.take() };
    if (attempt === undefined) {
      return store.history.commit(paid).catch((error: unknown) => {
        this.meter.putBack(paid.spent);
        throw error;
      });
    }
    attempt.add(paid);
    if (!isStep(change.messages)) return attempt.from;
    this.#attempt = undefined;
    return store.history.commit(attempt.changes, { from: attempt.from }).catch((error: unknown) => {
      this.#attempt = attempt;
      throw error;
    });
  }

  /** Ends an unfinished attempt, if any. Its cost still counts. */
  #drop(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt === undefined) return;
    for (const spent of attempt.spent) this.meter.putBack(spent);
    this.#state = attempt.state;
    this.saving.last = attempt.saved;
  }

  /** Runs with each commit, because the caller of a turn may stop right after it. */
  #note(messages: readonly Message[]): void {
    this.#loggedIn ||= messages.some((message) => message.role === "user" && message.event === "login");
  }

  #equip(): Equipment {
    this.#equipment = equip(this.#state, this.#equipment, this.parts);
    return this.#equipment;
  }
}

/** Whether a change is a step, which has one answer of the model, rather than a flush. */
function isStep(messages: readonly Message[]): boolean {
  return messages.some(({ role }) => role === "assistant");
}

function interrupted(cause: unknown): MemGPTError {
  return new MemGPTError("interrupted", "Stopped. The unfinished step left no trace; everything before it is kept.", {
    cause,
  });
}
