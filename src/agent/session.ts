import { MemGPTError } from "../errors.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { Llm } from "../ports/llm.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { Message } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import type { ActionRef, Change, Travel } from "../ports/storage.ts";
import { Attempt } from "./attempt.ts";
import { withCurrentCounts } from "./counts.ts";
import type { AgentDeps, AgentParts } from "./deps.ts";
import { Meter, metered } from "./meter.ts";

/** What the state's settings choose. */
type Equipment = {
  readonly of: Pick<AgentState, "settings" | "functions">;
  /** Made when the first turn needs it: an agent can be looked after where its model cannot be had. */
  llm: Llm | undefined;
  readonly functions: ReadonlyMap<string, AgentFunction>;
  readonly schemas: readonly FunctionSchema[];
};

/** The present of one open agent: its state, and who may change it. One turn or command at a time. */
export class Session {
  readonly parts: AgentParts;
  readonly meter = new Meter();
  /** How many of the store's notices have been passed on. */
  told = 0;
  /** The model of which it was said last that nobody knows its price. */
  unpricedTold: string | undefined;
  #state: AgentState;
  /** What the last checkpoint is of, if one was asked for. */
  #saved: AgentState | undefined;
  #equipment: Equipment | undefined;
  #loggedIn = false;
  /** A retry whose first step is not whole yet. */
  #attempt: Attempt | undefined;
  #busy = false;
  #closed = false;
  #isMissingSaid = false;
  readonly #closing = new AbortController();

  constructor(parts: AgentParts, state: AgentState, { llm, isSaved }: { llm: Llm | undefined; isSaved: boolean }) {
    this.parts = parts;
    this.#state = state;
    this.#saved = isSaved ? state : undefined;
    this.#equip().llm = llm;
    this.save();
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Each session begins with one login event, which goes in with whatever comes first. */
  get isLoggedIn(): boolean {
    return this.#loggedIn;
  }

  get schemas(): readonly FunctionSchema[] {
    return this.#equip().schemas;
  }

  /** Takes over a state that is stored already. Whatever time it is from, the agent keeps its id and name. */
  adopt(state: AgentState): void {
    const { id, name } = this.#state;
    this.#state = state.id === id && state.name === name ? state : { ...state, id, name };
  }

  /** Takes over the state that a travel ended at, its counts as they are where the database was lost on the way. */
  async arrive({ state }: Travel): Promise<void> {
    this.adopt(await withCurrentCounts(state, this.parts.store));
  }

  /** A new turn or command, under which changes are undone together. */
  action(label: string): ActionRef {
    return { id: this.parts.newId(), label };
  }

  /** What a turn needs. All that it commits belongs to `action`. @throws MemGPTError if its model cannot be had. */
  deps(action: ActionRef): AgentDeps {
    const { embedder, now, newId, maxSteps, maxCost } = this.parts;
    const cost = (): number => this.meter.session.cost;
    const equipment = this.#equip();
    const { settings } = this.#state;
    const llm = metered((equipment.llm ??= this.parts.llm(settings)), (usage) => {
      this.meter.add(usage, this.parts.price(settings));
    });
    const { functions, schemas } = equipment;
    const commit: AgentDeps["commit"] = async (change) => {
      this.#closing.signal.throwIfAborted();
      const op = await this.#store({ ...change, action });
      this.adopt(change.state);
      this.#note(change.messages);
      return op;
    };
    const tokenizer: AgentDeps["tokenizer"] = () => this.parts.tokenizer(settings);
    return {
      store: this.#reading(),
      embedder,
      now,
      newId,
      maxSteps,
      maxCost,
      cost,
      llm,
      tokenizer,
      functions,
      schemas,
      commit,
    };
  }

  /** Stores what a command changed. */
  async commit(action: ActionRef, change: Pick<Change, "state"> & Partial<Change>): Promise<void> {
    const { store, now } = this.parts;
    const state = await withCurrentCounts(change.state, store, change);
    const whole = { cause: action.label, at: now(), messages: [], passages: [], ...change, action, state };
    if (this.#attempt === undefined) await store.commit(whole);
    else this.#attempt.add(whole);
    // An import leaves the state as it is, and there is something new to go back to all the same.
    this.#saved = undefined;
    this.adopt(state);
  }

  /** @throws MemGPTError `agent_busy` if the agent is closed, or in the middle of something. */
  admit(): void {
    const { name } = this.#state;
    if (this.#closed) throw new MemGPTError("agent_busy", `Agent ${name} is closed. Open it again to go on.`);
    if (this.#busy) {
      throw new MemGPTError("agent_busy", `Agent ${name} is in the middle of a turn. Wait for it, or interrupt it.`);
    }
  }

  /** Runs a command, and saves what it changed. @throws MemGPTError `agent_busy`. */
  async exclusively<T>(work: () => Promise<T>): Promise<T> {
    this.admit();
    this.#busy = true;
    try {
      const result = await work();
      this.save();
      return result;
    } finally {
      this.#busy = false;
    }
  }

  /**
   * Runs what yields as it goes, until it ends or the caller stops, and saves what it changed. `signal` and the closing of
   * the agent stop it too.
   *
   * @throws MemGPTError `agent_busy`; `interrupted` if it was stopped.
   */
  async *exclusivelyYielding<T>(
    signal: AbortSignal | undefined,
    work: (stop: AbortSignal) => AsyncGenerator<T, void, void>,
  ): AsyncGenerator<T, void, void> {
    this.admit();
    this.#busy = true;
    const closing = this.#closing.signal;
    const stop = signal === undefined ? closing : AbortSignal.any([signal, closing]);
    try {
      yield* work(stop);
    } catch (error) {
      throw stop.aborted ? interrupted(error) : error;
    } finally {
      if (!this.#closed) this.save();
      this.#busy = false;
    }
  }

  /**
   * Runs what is stored from the moment on when a step of it is finished. Before that it leaves no trace, whether it fails,
   * the caller stops, the agent is closed, or the process is killed.
   */
  async *tentatively<T>(work: () => AsyncGenerator<T, void, void>): AsyncGenerator<T, void, void> {
    this.#attempt = await Attempt.begin(this.parts.store, { state: this.#state, saved: this.#saved });
    try {
      yield* work();
    } finally {
      this.#drop();
    }
  }

  /** Has a checkpoint written soon if anything changed since the last. What was changed is stored already. */
  save(): void {
    if (this.#state === this.#saved) return;
    this.#saved = this.#state;
    this.parts.checkpoints.later(this.#state);
  }

  /** Resolves when the checkpoint of the present is in place. @throws MemGPTError `storage_failed` if it cannot be written. */
  async saved(): Promise<void> {
    this.save();
    await this.parts.checkpoints.settled();
    if (this.parts.checkpoints.failure !== undefined) await this.write({ name: null, kept: false });
  }

  /** Writes a checkpoint. @returns the name of its file. @throws MemGPTError `storage_failed`. */
  async write(options: { readonly name: string | null; readonly kept: boolean }): Promise<string> {
    const state = this.#state;
    const file = await this.parts.checkpoints.write(state, options);
    this.#saved = state;
    return file;
  }

  /** Stops a turn that is running, saves, and runs `release`. Closing twice is harmless. */
  async close(release: () => void): Promise<void> {
    if (this.#closed) return;
    this.#closing.abort();
    try {
      this.#drop();
      // One more try, with what may have been in the way gone.
      await this.saved().catch(() => undefined);
    } finally {
      this.#closed = true;
      release();
    }
  }

  /** That the last checkpoint could not be written; said once, until one is. */
  missing(): string[] {
    const { failure } = this.parts.checkpoints;
    const isNews = failure !== undefined && !this.#isMissingSaid;
    this.#isMissingSaid = failure !== undefined;
    return isNews ? [`${failure.message} The next change, or opening it again, writes one.`] : [];
  }

  /** Stores what a step or a flush changed; in a retry, all together once its first step is whole. @returns the operation. */
  async #store(change: Change): Promise<number> {
    const { store } = this.parts;
    const attempt = this.#attempt;
    const paid = { ...change, spent: this.meter.take() };
    if (attempt === undefined) {
      return store.commit(paid).catch((error: unknown) => {
        this.meter.putBack(paid.spent);
        throw error;
      });
    }
    attempt.add(paid);
    if (!isStep(change.messages)) return attempt.from;
    this.#attempt = undefined;
    return store.commit(attempt.changes, { from: attempt.from }).catch((error: unknown) => {
      this.#attempt = attempt;
      throw error;
    });
  }

  /** What a turn reads: during a retry, without what it takes back. */
  #reading(): AgentDeps["store"] {
    const { store } = this.parts;
    const present = (): Pick<AgentDeps["store"], "recall" | "archival"> => this.#attempt ?? store;
    return {
      get recall() {
        return present().recall;
      },
      get archival() {
        return present().archival;
      },
      notices: store.notices,
      say: (notice) => {
        store.say(notice);
      },
    };
  }

  /** Ends an attempt that came to nothing, if there is one. What it cost was spent all the same. */
  #drop(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    if (attempt === undefined) return;
    for (const spent of attempt.spent) this.meter.putBack(spent);
    // What it was, and saved if it was.
    this.#state = attempt.state;
    this.#saved = attempt.saved;
  }

  /** The caller of a turn may stop right after a commit: what it said is noted with it. */
  #note(messages: readonly Message[]): void {
    this.#loggedIn ||= messages.some((message) => message.role === "user" && message.event === "login");
  }

  #equip(): Equipment {
    const { settings, functions: names } = this.#state;
    const known = this.#equipment;
    if (known?.of.settings === settings && known.of.functions === names) return known;
    const sameModel = known !== undefined && sameJson(known.of.settings, settings);
    const sameFunctions = known !== undefined && sameJson(known.of.functions, names);
    const functions = sameFunctions ? known.functions : this.parts.functions.select(names).functions;
    const equipment = {
      of: { settings, functions: names },
      llm: sameModel ? known.llm : undefined,
      functions,
      schemas: sameFunctions ? known.schemas : [...functions.values()].map((fn) => fn.schema),
    };
    this.#equipment = equipment;
    return equipment;
  }
}

/** Each step has one answer of the model. */
function isStep(messages: readonly Message[]): boolean {
  return messages.some(({ role }) => role === "assistant");
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function interrupted(cause: unknown): MemGPTError {
  return new MemGPTError("interrupted", "Stopped. The unfinished step left no trace; everything before it is kept.", {
    cause,
  });
}
