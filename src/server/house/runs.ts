import type { AgentEvent, MemGPTError, TurnOutcome } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import { idOf, newId } from "./ids.ts";
import type { Metrics } from "./metrics.ts";
import type { TurnItem } from "./turn-item.ts";

export type RunStatus = "running" | "completed" | "failed" | "cancelled";

/** Tokens of a turn. */
export type RunUsage = { prompt: number; completion: number; cached: number; steps: number };

/** One request to the model and the calls that it led to. */
export type RunStep = {
  readonly id: string;
  readonly startedAt: string;
  /** Undefined as long as it goes on, and where it came to nothing. */
  ended?: { readonly ms: number; readonly prompt: number; readonly completion: number; readonly cached: number };
  feedback?: string | null;
};

const STOP_REASONS: Record<TurnOutcome, string> = {
  done: "end_turn",
  waiting: "requires_approval",
  no_reply: "no_tool_call",
  max_steps: "max_steps",
  max_cost: "insufficient_credits",
  repeated_call: "invalid_tool_call",
};

/** What followers of a run receive for an event it yields. */
export type Shape = (item: TurnItem) => readonly Part[];

/** An event in the form of the client's protocol. */
export type Part = Readonly<Record<string, unknown>>;

export type RunOptions = {
  readonly shape: Shape;
  /** Whether it goes on when nobody listens any more. */
  readonly background: boolean;
  readonly conversationId?: string | undefined;
};

/** One turn: it goes on by itself, and any number of clients may follow it from any part on. */
export class Run {
  readonly id: string;
  readonly agentId: string;
  readonly createdAt = new Date().toISOString();
  readonly options: RunOptions;
  readonly parts: Part[] = [];
  readonly steps: RunStep[] = [];
  readonly usage: RunUsage = { prompt: 0, completion: 0, cached: 0, steps: 0 };
  status: RunStatus = "running";
  stopReason = "end_turn";
  completedAt: string | null = null;
  /** What ended it early; undefined if nothing did. */
  error: unknown;
  /** Whether the turn has come to the agent. */
  hasBegun = false;
  readonly #stop = new AbortController();
  #wake: (() => void)[] = [];

  /** @param options Made with the run's id, which parts may carry. */
  constructor(agent: Pick<AgentEntry, "id">, options: (id: string) => RunOptions, id = newId("run")) {
    this.id = id;
    this.agentId = agent.id;
    this.options = options(this.id);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  cancel(): void {
    this.#stop.abort();
  }

  /** Takes everything that the turn yields. Never throws. */
  async follow(items: AsyncIterable<TurnItem>, metrics: Metrics): Promise<void> {
    let written = 0;
    try {
      for await (const item of items) {
        this.hasBegun = true;
        written += item.type === "assistant_message" || item.type === "internal_monologue" ? item.text.length : 0;
        if (item.type !== "stored") this.#note(item, written);
        for (const part of this.options.shape(item))
          this.parts.push({ ...part, run_id: this.id, seq_id: this.parts.length + 1 });
        this.#tell();
      }
      this.status = "completed";
    } catch (error) {
      this.status = this.signal.aborted ? "cancelled" : "failed";
      this.stopReason = this.signal.aborted ? "cancelled" : stopReasonOf(error);
      this.error = error;
    }
    this.completedAt = new Date().toISOString();
    metrics.turn(this.status === "completed" ? this.stopReason : this.status, this.usage);
    this.#tell();
  }

  /** The parts after the first `from`, as they come, to the end of the run. */
  async *from(from = 0): AsyncGenerator<Part, void, void> {
    for (let next = from; ;) {
      for (; next < this.parts.length; next += 1) {
        const part = this.parts[next];
        if (part !== undefined) yield part;
      }
      if (this.status !== "running") return;
      await this.#change();
    }
  }

  /** Resolves once the run has begun or ended, or when the time is up. */
  async begun(milliseconds: number): Promise<void> {
    const deadline = AbortSignal.timeout(milliseconds);
    while (!this.hasBegun && this.status === "running" && !deadline.aborted) {
      await Promise.race([
        this.#change(),
        new Promise((resolve) => {
          deadline.addEventListener("abort", resolve);
        }),
      ]);
    }
  }

  async ended(): Promise<void> {
    while (this.status === "running") await this.#change();
  }

  #note(event: AgentEvent, written: number): void {
    if (event.type === "step_start") {
      this.steps.push({ id: idOf("step", event.messageId), startedAt: new Date().toISOString() });
    }
    if (event.type === "step_end") {
      this.usage.steps += 1;
      const { sections, usage } = event;
      // A model that counts nothing, such as the built-in one: as it was estimated.
      const estimated = Object.values(sections).reduce((sum, tokens) => sum + tokens, 0);
      const prompt = usage?.prompt ?? estimated;
      const completion = usage?.completion ?? Math.ceil(written / 4);
      const cached = usage?.cached ?? 0;
      this.usage.prompt += prompt;
      this.usage.completion += completion;
      this.usage.cached += cached;
      const step = this.steps.at(-1);
      if (step !== undefined) step.ended = { ms: event.durationMs, prompt, completion, cached };
    }
    if (event.type === "turn_end") this.stopReason = STOP_REASONS[event.outcome];
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function stopReasonOf(error: unknown): string {
  const { code } = error as Partial<MemGPTError>;
  if (code === "llm_unavailable" || code === "answer_unbounded") return "llm_api_error";
  return code === "context_overflow" ? "context_window_overflow_in_system_prompt" : "error";
}

/** Runs of one user that are remembered, the newest ones. */
const MOST_RUNS = 200;

/** The runs of every user, as long as the server is up. */
export class Runs {
  readonly #byOwner = new Map<string, Map<string, Run>>();

  add(owner: string, run: Run): void {
    const runs = this.#byOwner.get(owner) ?? new Map<string, Run>();
    this.#byOwner.set(owner, runs);
    runs.set(run.id, run);
    for (const [id, { status }] of runs) {
      if (runs.size <= MOST_RUNS) break;
      if (status !== "running") runs.delete(id);
    }
  }

  get(owner: string, id: string): Run | undefined {
    return this.#byOwner.get(owner)?.get(id);
  }

  /** Oldest first. */
  all(owner: string): Run[] {
    return [...(this.#byOwner.get(owner)?.values() ?? [])];
  }

  /** Stops those that still go on. */
  cancelAll(): void {
    for (const runs of this.#byOwner.values()) for (const run of runs.values()) run.cancel();
  }
}
