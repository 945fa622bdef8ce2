import * as z from "zod";
import { type Records, Table } from "../../index.ts";
import type { Run, RunStep } from "./run.ts";

const stepSchema = z.object({
  id: z.string(),
  startedAt: z.string(),
  ended: z.object({ ms: z.number(), prompt: z.number(), completion: z.number(), cached: z.number() }).optional(),
  feedback: z.string().nullable().default(null),
});

const runSchema = z.object({
  agent: z.string(),
  conversation: z.string().nullable().default(null),
  createdAt: z.string(),
  /** Id of the server that carries it out. */
  by: z.string(),
  status: z.enum(["running", "completed", "failed", "cancelled"]).default("running"),
  stopReason: z.string().default("end_turn"),
  completedAt: z.string().nullable().default(null),
  usage: z.object({ prompt: z.number(), completion: z.number(), cached: z.number(), steps: z.number() }).optional(),
  background: z.boolean().default(true),
  steps: z.array(stepSchema).default([]),
  /** Ids of its stored messages. */
  messages: z.array(z.string()).default([]),
});
export type RunRecord = z.infer<typeof runSchema>;
export type RunEntry = RunRecord & { readonly id: string };

/** Number of newest runs recorded for each user. */
const MOST_NOTED = 200;

/** One user's runs without their text, for clients that ask for them after their server has stopped. */
export class RunBook {
  readonly #records: Records;
  readonly #table: Table<RunRecord>;

  constructor(records: Records) {
    this.#records = records;
    this.#table = new Table(records, "run", runSchema);
  }

  get(id: string): RunEntry | undefined {
    const record = this.#table.get(id);
    return record === undefined ? undefined : { id, ...record };
  }

  /** Oldest first. */
  all(): RunEntry[] {
    return this.#table.all().map(({ id, value }) => ({ id, ...value }));
  }

  /** Records the current status of runs. */
  async note(runs: readonly Run[], by: string): Promise<void> {
    const newest = runs.slice(-MOST_NOTED);
    const ids = new Set(newest.map(({ id }) => id));
    await this.#records.change(() => {
      const others = this.all().filter(({ id }) => !ids.has(id));
      const surplus = others.slice(0, Math.max(0, others.length + newest.length - MOST_NOTED));
      return [
        ...newest.map((run) => this.#table.change(run.id, recordOf(run, by))),
        ...surplus.map(({ id }) => this.#table.change(id, undefined)),
      ];
    });
  }

  /** Stores feedback on a recorded step. */
  async rate(id: string, step: string, feedback: string | null): Promise<void> {
    await this.#records.change(() => {
      const record = this.#table.get(id);
      if (record === undefined) return [];
      const steps = record.steps.map((one) => (one.id === step ? { ...one, feedback } : one));
      return [this.#table.change(id, { ...record, steps })];
    });
  }

  async remove(id: string): Promise<void> {
    if (this.#table.get(id) !== undefined) await this.#table.remove(id);
  }
}

function recordOf(run: Run, by: string): RunRecord {
  const { agentId: agent, createdAt, status, stopReason, completedAt, usage, options, messages } = run;
  return {
    ...{ agent, createdAt, by, status, stopReason, completedAt },
    usage: { ...usage },
    conversation: options.conversationId ?? null,
    background: options.background,
    steps: run.steps.map(recordedStep),
    messages: [...messages],
  };
}

function recordedStep({ feedback = null, ...step }: RunStep): RunRecord["steps"][number] {
  return { ...step, feedback };
}
