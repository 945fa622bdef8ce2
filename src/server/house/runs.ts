import { type MemGPT, MemGPTError } from "../../index.ts";
import { ElsewhereError } from "./elsewhere.ts";
import { bareId, newId } from "./ids.ts";
import { Run, type RunStep } from "./run.ts";
import type { RunBook, RunEntry } from "./run-book.ts";

type RunOwner = { readonly id: string; readonly memgpt: Pick<MemGPT, "database">; readonly runBook: RunBook };

/** Number of newest runs remembered for each user. */
const MOST_RUNS = 200;

/** Milliseconds in which runs that end are collected, to be recorded together. */
const RECORD_WITHIN = 1000;

/** Digits of the process's id that the ids of its runs begin with. */
const DIGITS = 8;

/** The runs of every user on this server, and the records of those of other servers and earlier ones. */
export class Runs {
  readonly #byOwner = new Map<string, Map<string, Run>>();
  readonly #processId: string | undefined;
  /** This server's id in the records. */
  readonly #server: string;
  readonly #noting = new Set<Promise<void>>();
  /** Ended runs that are not recorded yet. */
  readonly #ended = new Map<RunOwner, Run[]>();
  /** Runs that were removed since ended ones were last recorded. */
  readonly #removed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  /** @param processId Id of this process among those that share a database; the ids of its runs begin with it. */
  constructor(processId?: string) {
    this.#processId = processId;
    this.#server = processId ?? crypto.randomUUID();
  }

  newId(): string {
    const id = newId("run");
    if (this.#processId === undefined) return id;
    return `run-${this.#processId.slice(0, DIGITS)}${id.slice("run-".length + DIGITS)}`;
  }

  /**
   * @returns the run; from its record if its server is gone.
   * @throws ElsewhereError `not_found`, with the address of the process that may have it.
   */
  async named(owner: RunOwner, id: string): Promise<Run> {
    const run = this.get(owner.id, id);
    if (run !== undefined) return run;
    const noted = owner.runBook.get(id);
    const start = bareId("run", id)?.slice(0, DIGITS);
    const others = start?.length === DIGITS ? ((await owner.memgpt.database?.others()) ?? []) : [];
    const holder = others.find((other) => other.id.startsWith(start ?? ""));
    if (noted !== undefined && holder === undefined) return runOf(noted, false);
    throw new ElsewhereError(
      `There is no run ${id}. The newest runs of each user are known.`,
      holder?.address,
      noted !== undefined,
    );
  }

  /** The recorded runs of other servers, oldest first. */
  async noted({ id, memgpt, runBook }: RunOwner): Promise<Run[]> {
    const foreign = runBook.all().filter((entry) => this.get(id, entry.id) === undefined);
    const others = foreign.length === 0 ? [] : ((await memgpt.database?.others()) ?? []);
    return foreign.map((entry) => runOf(entry, entry.status === "running" && others.some((it) => it.id === entry.by)));
  }

  /** Adds a run, which is recorded soon after it has ended, for clients that ask for it after this server has stopped. */
  add(owner: RunOwner, run: Run): void {
    const runs = this.#byOwner.get(owner.id) ?? new Map<string, Run>();
    this.#byOwner.set(owner.id, runs);
    runs.set(run.id, run);
    for (const [id, { status }] of runs) {
      if (runs.size <= MOST_RUNS) break;
      if (status !== "running") runs.delete(id);
    }
    void run.ended().then(() => {
      this.#ended.set(owner, [...(this.#ended.get(owner) ?? []), run]);
      this.#timer ??= setTimeout(() => {
        this.#record();
      }, RECORD_WITHIN).unref();
    });
  }

  /** Adds a background run, which is recorded when it begins, and as soon as it has ended. */
  async addNoted(owner: RunOwner, run: Run): Promise<void> {
    await owner.runBook.note([run], this.#server);
    this.add(owner, run);
    void run.ended().then(() => {
      this.#record();
    });
  }

  #record(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const [owner, ended] of this.#ended) {
      const left = ended.filter(({ id }) => !this.#removed.has(id));
      // A run that could not be recorded counts as interrupted if it was in the background, and else as unknown.
      const noting = owner.runBook.note(left, this.#server).catch(() => undefined);
      this.#noting.add(noting);
      void noting.then(() => this.#noting.delete(noting));
    }
    this.#ended.clear();
    this.#removed.clear();
  }

  /** Resolves when all ended runs are recorded. */
  async settled(): Promise<void> {
    this.#record();
    await Promise.all(this.#noting);
  }

  /** Stores feedback on a step, for as long as its run is recorded. */
  async rate(owner: RunOwner, { id, status }: Run, step: RunStep, feedback: string | null): Promise<void> {
    step.feedback = feedback;
    if (status !== "running") await owner.runBook.rate(id, step.id, feedback);
  }

  get(owner: string, id: string): Run | undefined {
    return this.#byOwner.get(owner)?.get(id);
  }

  async remove(owner: RunOwner, id: string): Promise<void> {
    this.#byOwner.get(owner.id)?.delete(id);
    this.#removed.add(id);
    await owner.runBook.remove(id);
  }

  /** Oldest first. */
  all(owner: string): Run[] {
    return [...(this.#byOwner.get(owner)?.values() ?? [])];
  }

  /** Drops the parts of an agent's ended runs, after the agent has forgotten something. */
  forget(owner: string, agent: string): void {
    for (const run of this.all(owner)) if (run.agentId === agent && run.status !== "running") run.forget();
  }

  cancelAll(): void {
    for (const runs of this.#byOwner.values()) for (const run of runs.values()) run.cancel();
  }
}

/** A recorded run, without its parts. If it is recorded as running but no server carries it out, it was interrupted. */
function runOf({ id, agent, conversation, createdAt, ...noted }: RunEntry, isRunning: boolean): Run {
  const { status, stopReason, completedAt, usage, background, steps, messages } = noted;
  const options = { shape: () => [], background, conversationId: conversation ?? undefined };
  const run = new Run({ id: agent }, () => options, { id, createdAt });
  run.steps.push(...steps.map(({ ended, ...step }) => (ended === undefined ? step : { ...step, ended })));
  run.messages.push(...messages);
  const wasInterrupted = status === "running" && !isRunning;
  run.status = wasInterrupted ? "failed" : status;
  run.stopReason = wasInterrupted ? "error" : stopReason;
  run.completedAt = completedAt;
  if (usage !== undefined) Object.assign(run.usage, usage);
  if (run.status === "failed") run.error = wasInterrupted ? interrupted() : failedBefore();
  return run;
}

function interrupted(): MemGPTError {
  const text =
    "The server stopped before the run ended. Its finished steps are among the agent's messages: check there before you send it again.";
  return new MemGPTError("interrupted", text, { kept: "unknown" });
}

function failedBefore(): MemGPTError {
  const text = "The run failed. The server has restarted since; its log has the reason.";
  return new MemGPTError("interrupted", text, { kept: "unknown" });
}
