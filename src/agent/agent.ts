import { MemGPTError } from "../errors.ts";
import { budgetOf, measure, total } from "../memory/main-context.ts";
import type { SectionTokens } from "../schema/context.ts";
import type { AgentEvent, InputEvent, TurnOutcome } from "../schema/events.ts";
import type { AgentState } from "../schema/state.ts";
import type { AgentStore, ArchivalStorage, Change, Journal, RecallStorage } from "../storage/interfaces.ts";
import type { AgentDeps } from "./deps.ts";
import { flush, pressure } from "./queue-manager.ts";
import { type StepRequest, inputTokens, runStep } from "./step.ts";
import { type Next, type Turn, beginTurn, nextInput } from "./turn.ts";

export type SendOptions = { readonly signal?: AbortSignal | undefined };

/** How the context window of an agent is used, in tokens. */
export type ContextUse = {
  readonly window: number;
  readonly used: number;
  readonly sections: SectionTokens;
  /** Where the model is warned and where the queue is flushed. */
  readonly warnAt: number;
  readonly flushAt: number;
};

export type AgentOptions = {
  readonly state: AgentState;
  readonly deps: Omit<AgentDeps, "commit"> & { readonly store: AgentStore };
  /** Whether a brand-new agent's first answer is checked. */
  readonly verify: boolean;
  /** Writes a checkpoint of the current state. @returns the name of its file. */
  readonly checkpoint: (state: AgentState) => Promise<string>;
  /** Gives back what the agent holds: its lock, its database. */
  readonly release: () => void;
  /** What was found and mended when the agent was opened; told with the first turn. */
  readonly notices: readonly string[];
};

/** One open agent. It is the only one of its name: opening it took its lock. */
export class Agent {
  readonly #deps: AgentDeps;
  readonly #verify: boolean;
  readonly #writeCheckpoint: AgentOptions["checkpoint"];
  readonly #release: () => void;
  #notices: readonly string[];
  #state: AgentState;
  #saved: AgentState;
  /** Each session begins with one login event, which goes in with whatever comes first. */
  #loggedIn = false;
  /** How many of the store's notices have been passed on. */
  #told = 0;
  #busy = false;
  readonly #closing = new AbortController();
  #closed = false;

  constructor({ state, deps, verify, checkpoint, release, notices }: AgentOptions) {
    this.#state = state;
    this.#saved = state;
    this.#deps = { ...deps, commit: (change) => this.#commit(deps.store, change) };
    this.#verify = verify;
    this.#writeCheckpoint = checkpoint;
    this.#release = release;
    this.#notices = notices;
  }

  get name(): string {
    return this.#state.name;
  }

  /** The agent as it is after the last finished step. Immutable. */
  get state(): AgentState {
    return this.#state;
  }

  /** Everything that was ever said to and by this agent. */
  get recall(): RecallStorage {
    return this.#deps.store.recall;
  }

  get archival(): ArchivalStorage {
    return this.#deps.store.archival;
  }

  get journal(): Journal {
    return this.#deps.store.journal;
  }

  /** How the window is used now. */
  context(): ContextUse {
    const sections = measure(this.#state, this.#deps.schemas);
    const { window, warnAt, flushAt } = budgetOf(this.#state, this.#deps.schemas);
    return { window, used: total(sections), sections, warnAt, flushAt };
  }

  /**
   * Runs one turn: steps follow one another while the agent asks for heartbeats, then the agent yields.
   *
   * A finished step is kept even if a later one throws, or if the caller stops iterating; an unfinished one leaves no
   * trace. When `turn_end` arrives the checkpoint is on disk.
   *
   * @throws MemGPTError `agent_busy` if a turn is already running, `invalid_input` if the message is empty,
   *   `interrupted` if `signal` is aborted, and what the model or the storage throw, unchanged.
   */
  async *send(input: string | InputEvent, { signal }: SendOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    const event: InputEvent = typeof input === "string" ? { type: "user_message", message: input } : input;
    this.#admit(event);
    this.#busy = true;
    const stop = signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    const started = performance.now();
    let failed = true;
    try {
      yield { type: "turn_start", agent: this.name, input: event };
      for (const text of this.#notices) yield { type: "notice", code: "recovered", text };
      this.#notices = [];
      const { turn, outcome } = yield* this.#run(event, stop);
      await this.save();
      failed = false;
      const reply = turn.replies.length === 0 ? null : turn.replies.join("\n\n");
      const durationMs = Math.round(performance.now() - started);
      yield { type: "turn_end", steps: turn.steps, outcome, reply, durationMs };
    } catch (error) {
      throw stop.aborted ? interrupted(error) : error;
    } finally {
      this.#busy = false;
      // Also when the caller stopped iterating. What went wrong before must not be hidden by what goes wrong here.
      if (failed && !this.#closed) await this.save().catch(() => undefined);
    }
  }

  /** Sends a message and waits. @returns what the agent said, or null if it said nothing. @throws as `send` does. */
  async ask(message: string, options: SendOptions = {}): Promise<string | null> {
    let reply: string | null = null;
    for await (const event of this.send(message, options)) if (event.type === "turn_end") reply = event.reply;
    return reply;
  }

  /** Writes a checkpoint if anything changed since the last. Every turn does this by itself. */
  async save(): Promise<void> {
    if (this.#state !== this.#saved) await this.checkpoint();
  }

  /** Writes a checkpoint in any case. @returns the name of its file in `agent_state/`. */
  async checkpoint(): Promise<string> {
    const state = this.#state;
    const file = await this.#writeCheckpoint(state);
    this.#saved = state;
    return file;
  }

  /** Saves and lets go of the agent. A turn that is running is interrupted. Closing twice is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closing.abort();
    try {
      await this.save();
    } finally {
      this.#closed = true;
      this.#release();
    }
  }

  async #commit(store: AgentStore, change: Change): Promise<number> {
    this.#closing.signal.throwIfAborted();
    const op = await store.commit(change);
    this.#state = change.state;
    return op;
  }

  #admit(event: InputEvent): void {
    if (this.#closed) throw new MemGPTError("agent_busy", `Agent ${this.name} is closed. Open it again to go on.`);
    if (this.#busy) {
      throw new MemGPTError(
        "agent_busy",
        `Agent ${this.name} is in the middle of a turn. Wait for it, or interrupt it.`,
      );
    }
    if (event.time !== undefined && Number.isNaN(Date.parse(event.time))) {
      throw new MemGPTError(
        "invalid_input",
        `${JSON.stringify(event.time)} is not a time. Nothing was sent; write it as ISO 8601.`,
      );
    }
    if (event.type === "user_message" && event.message.trim() === "") {
      throw new MemGPTError("invalid_input", "The message is empty. Nothing was sent.");
    }
  }

  async *#run(
    event: InputEvent,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<AgentEvent, { turn: Turn; outcome: TurnOutcome }, void> {
    let turn = beginTurn(event);
    const deps = atTimeOf(event, this.#deps);
    let next: Next = { type: "step", inputs: this.#withLogin(event), reason: "event" };
    for (;;) {
      signal?.throwIfAborted();
      // A memory alert is there to let the model save something before the flush.
      if (next.reason !== "alert") yield* this.#relieve(inputTokens(next.inputs, this.#state, deps), deps, signal);
      const step = yield* runStep(this.#state, this.#request(turn, next.inputs, signal), deps);
      this.#loggedIn = true;
      const decided = nextInput(turn, { ...step, pressure: this.#unreportedPressure() }, this.#deps.maxSteps);
      turn = decided.turn;
      if (decided.next.type === "end") {
        yield* this.#relieve(0, deps, signal);
        yield* this.#storeNotices();
        yield* endNotices(decided.next.outcome, turn);
        return { turn, outcome: decided.next.outcome };
      }
      next = decided.next;
      yield* this.#announce(next);
    }
  }

  #request(turn: Turn, inputs: readonly InputEvent[], signal: AbortSignal | undefined): StepRequest {
    const verify = this.#verify && !this.#state.greeted;
    const deliverText = turn.nudged && turn.replies.length === 0;
    return { step: turn.steps + 1, inputs, verify, deliverText, signal };
  }

  async *#relieve(
    incoming: number,
    deps: AgentDeps,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<AgentEvent, void, void> {
    if (pressure(this.#state, incoming, deps) === "flush") yield* flush(this.#state, deps, signal);
  }

  *#storeNotices(): Generator<AgentEvent, void, void> {
    const { notices } = this.#deps.store;
    for (const text of notices.slice(this.#told)) yield { type: "notice", code: "storage", text };
    this.#told = notices.length;
  }

  /** How full the context is, if the model has not been told since the last flush. */
  #unreportedPressure(): ReturnType<typeof pressure> {
    return this.#state.pressure.alerted ? "none" : pressure(this.#state, 0, this.#deps);
  }

  *#announce(next: Extract<Next, { type: "step" }>): Generator<AgentEvent, void, void> {
    if (next.reason === "alert") {
      const { used, window } = this.context();
      yield { type: "memory_pressure", promptTokens: used, contextWindow: window };
    }
    if (next.reason === "nudge") {
      yield {
        type: "notice",
        code: "nudge",
        text: "The model answered without sending anything; asking it to send its reply.",
      };
    }
    if (next.reason === "forced") {
      yield {
        type: "notice",
        code: "forced_heartbeat",
        text: "The model stopped before replying; giving it another step.",
      };
    }
  }

  #withLogin(event: InputEvent): InputEvent[] {
    return this.#loggedIn || event.type === "login" ? [event] : [{ type: "login", time: event.time }, event];
  }
}

/** A message that was given a time is answered at that time, so that an old conversation can be told anew. */
function atTimeOf(event: InputEvent, deps: AgentDeps): AgentDeps {
  const { time } = event;
  return time === undefined ? deps : { ...deps, now: () => new Date(time).toISOString() };
}

function* endNotices(outcome: TurnOutcome, turn: Turn): Generator<AgentEvent, void, void> {
  switch (outcome) {
    case "done":
      return;
    case "max_steps": {
      const text = `Stopped after ${turn.steps} steps. Everything so far is kept; say "go on" to let it continue.`;
      yield { type: "notice", code: outcome, text };
      return;
    }
    case "repeated_call":
      yield {
        type: "notice",
        code: outcome,
        text: "Stopped: the model made the same call three times. Everything so far is kept.",
      };
      return;
    case "no_reply":
      yield {
        type: "notice",
        code: outcome,
        text: "The model ended its turn without a reply. What was said to it is kept; ask again.",
      };
  }
}

function interrupted(cause: unknown): MemGPTError {
  return new MemGPTError("interrupted", "Stopped. The unfinished step left no trace; everything before it is kept.", {
    cause,
  });
}
