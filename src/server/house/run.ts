import type { AgentEvent, MemGPTError, TurnOutcome } from "../../index.ts";
import type { AgentEntry } from "./agents.ts";
import { idOf, newId } from "./ids.ts";
import type { Metrics } from "./metrics.ts";
import type { TurnItem } from "./turn-item.ts";

export type RunStatus = "running" | "completed" | "failed" | "cancelled";

/** A turn's usage, in tokens, and its number of steps. */
export type RunUsage = { prompt: number; completion: number; cached: number; steps: number };

/** One request to the model and the calls that it led to. */
export type RunStep = {
  readonly id: string;
  readonly startedAt: string;
  /** Undefined while the step runs, and if it failed. */
  ended?: { readonly ms: number; readonly prompt: number; readonly completion: number; readonly cached: number };
  feedback?: string | null;
};

/** Milliseconds that a response waits for the turn to begin: a failure until then still gets its own HTTP status. */
const BEGIN_WITHIN = 2000;

const STOP_REASONS: Record<TurnOutcome, string> = {
  done: "end_turn",
  waiting: "requires_approval",
  no_reply: "no_tool_call",
  max_steps: "max_steps",
  max_cost: "insufficient_credits",
  repeated_call: "invalid_tool_call",
};

/** Maps an event of a run to what its followers receive. */
export type Shape = (item: TurnItem) => readonly Part[];

/** One event in the client's protocol. */
export type Part = Readonly<Record<string, unknown>>;

export type RunOptions = {
  readonly shape: Shape;
  /** Whether it continues after its last client has disconnected. */
  readonly background: boolean;
  readonly conversationId?: string | undefined;
  /** As the client wants its messages; see `PartOptions`. */
  readonly useAssistantMessage?: boolean;
};

/** One turn. It runs independently of its clients, any number of which may follow it from any part on. */
export class Run {
  readonly id: string;
  readonly agentId: string;
  readonly createdAt: string;
  readonly options: RunOptions;
  readonly parts: Part[] = [];
  readonly steps: RunStep[] = [];
  /** Ids of the messages that its finished steps stored, in order. */
  readonly messages: string[] = [];
  readonly usage: RunUsage = { prompt: 0, completion: 0, cached: 0, steps: 0 };
  status: RunStatus = "running";
  stopReason = "end_turn";
  completedAt: string | null = null;
  /** The error that ended it; undefined if it completed. */
  error: unknown;
  /** Whether the agent has yielded a first event. */
  hasBegun = false;
  readonly #stop = new AbortController();
  #wake: (() => void)[] = [];
  /** Ids of the messages of the step that runs. */
  #unstored: string[] = [];

  /** @param options Receives the run's id, which parts may carry. */
  constructor(
    agent: Pick<AgentEntry, "id">,
    options: (id: string) => RunOptions,
    { id = newId("run"), createdAt = new Date().toISOString() }: { id?: string; createdAt?: string } = {},
  ) {
    this.id = id;
    this.createdAt = createdAt;
    this.agentId = agent.id;
    this.options = options(this.id);
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  cancel(): void {
    this.#stop.abort();
  }

  /** Consumes the turn. Never throws. */
  async follow(items: AsyncIterable<TurnItem>, metrics: Metrics): Promise<void> {
    let written = 0;
    try {
      for await (const item of items) {
        this.hasBegun = true;
        written += item.type === "assistant_message" || item.type === "internal_monologue" ? item.text.length : 0;
        if (item.type === "stored") this.messages.push(item.message.id);
        else this.#note(item, written);
        for (const part of this.options.shape(item))
          this.parts.push({ ...part, run_id: this.id, seq_id: this.parts.length + 1 });
        this.#wakeAll();
      }
      this.status = "completed";
    } catch (error) {
      this.status = this.signal.aborted ? "cancelled" : "failed";
      this.stopReason = this.signal.aborted ? "cancelled" : stopReasonOf(error);
      this.error = error;
    }
    this.completedAt = new Date().toISOString();
    metrics.turn(this.status === "completed" ? this.stopReason : this.status, this.usage);
    this.#wakeAll();
  }

  /** The parts from index `from` on, as they arrive, until the run ends. */
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

  /** Resolves once the run has begun or ended, or after `milliseconds`. */
  async begun(milliseconds = BEGIN_WITHIN): Promise<void> {
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

  /** Drops its parts, which hold conversation text. */
  forget(): void {
    this.parts.length = 0;
  }

  async ended(): Promise<void> {
    while (this.status === "running") await this.#change();
  }

  #note(event: AgentEvent, written: number): void {
    if (event.type === "step_start") {
      this.steps.push({ id: idOf("step", event.messageId), startedAt: new Date().toISOString() });
      this.#unstored = [event.messageId];
    }
    if (event.type === "function_return") this.#unstored.push(event.messageId);
    if (event.type === "step_end") {
      this.usage.steps += 1;
      this.messages.push(...this.#unstored.splice(0));
      const { sections, usage } = event;
      // Models that report no usage, such as the built-in one: estimates.
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

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function stopReasonOf(error: unknown): string {
  const { code } = error as Partial<MemGPTError>;
  if (code === "llm_unavailable" || code === "answer_unbounded") return "llm_api_error";
  return code === "context_overflow" ? "context_window_overflow_in_system_prompt" : "error";
}
