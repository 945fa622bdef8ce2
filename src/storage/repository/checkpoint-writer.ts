import { MemGPTError, describe } from "../../errors.ts";
import { UnconfirmedError } from "../files/atomic.ts";
import type { SqliteAgentStore } from "../sqlite/agent-store.ts";
import type { AgentState } from "../../schema/state.ts";
import type { CheckpointFolder, NewCheckpoint } from "../files/checkpoints.ts";
import type { AgentStore } from "../../ports/agent-store.ts";

export type Files = { readonly store: SqliteAgentStore; readonly checkpoints: CheckpointFolder };

/** A checkpoint to write of `state`, which is the one after the operation that is the newest now. */
export type WriteOptions = {
  /** ISO 8601 in UTC. */
  readonly time: string;
  readonly name?: string | null;
  /** Whether it stays for ever. */
  readonly kept?: boolean;
};

/**
 * Writes a checkpoint, and notes in the database that it is in place.
 *
 * @returns the name of the file.
 * @throws MemGPTError `storage_failed`: what it is of stays as it is in the database.
 */
export async function writeCheckpoint(files: Files, state: AgentState, options: WriteOptions): Promise<string> {
  const means = writing(files);
  return write(means, { state, ...(await means.present()), ...options });
}

type Counts = { readonly messages: number; readonly passages: number };

/** What is written at an operation. */
type Present = { readonly op: number; readonly counts: Counts };

/** How the checkpoints of an agent are written. */
export type Writing = {
  readonly store: Pick<AgentStore, "history">;
  /** The newest operation, which `state` is after, and what is remembered then: of the moment at which it is asked. */
  readonly present: () => Promise<Present>;
  /** @returns the name of the checkpoint. */
  readonly write: (checkpoint: NewCheckpoint, keep: number) => Promise<string>;
};

/** Writes checkpoints as files. */
export function writing({ store, checkpoints }: Files): Writing {
  return {
    store,
    // The statements run at once, so they tell of the state as it is, whatever is committed meanwhile.
    present: async () => {
      const [op, messages, passages] = await Promise.all([
        store.history.journal.head(),
        store.recall.size(),
        store.archival.size(),
      ]);
      return { op, counts: { messages, passages } };
    },
    write: async (checkpoint, keep) => {
      const file = await checkpoints.write(checkpoint, keep);
      store.marks.note({ file, op: checkpoint.op });
      return file;
    },
  };
}

/** More of them than are kept anyway need not wait for a slow disk. */
const MOST_WAITING = 50;

/**
 * Writes the checkpoints of an open agent after what they are of was committed and told: one after the other, beside
 * whatever the agent does next. Until one is in place the database has all that it would say.
 */
export class CheckpointWriter {
  readonly #means: Writing;
  readonly #waiting: Job[] = [];
  #working: Promise<void> | undefined;
  #failure: MemGPTError | undefined;

  constructor(means: Writing) {
    this.#means = means;
  }

  /** Why the newest that was asked for is not there; undefined if it is, or is still to be written. */
  get failure(): MemGPTError | undefined {
    return this.#failure;
  }

  /** Has a checkpoint of the present written soon. */
  later(state: AgentState, options: WriteOptions): void {
    this.#waiting.push({ state, present: this.#means.present(), ...options });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#working ??= this.#work();
  }

  /** Resolves when all that was asked for has been written, or could not be. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Writes one now, after those that wait. @returns the name of its file. @throws MemGPTError `storage_failed`. */
  async now(state: AgentState, options: WriteOptions): Promise<string> {
    await this.settled();
    const file = await write(this.#means, { state, ...(await this.#means.present()), ...options });
    this.#failure = undefined;
    return file;
  }

  async #work(): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      try {
        await write(this.#means, { ...job, ...(await job.present) });
        this.#failure = undefined;
      } catch (error) {
        this.#failure = error instanceof MemGPTError ? error : notWritten(error);
      }
    }
    this.#working = undefined;
  }
}

/** What is written; its numbers may be on their way. */
type Job = WriteOptions & { readonly state: AgentState; readonly present: Promise<Present> };

async function write(
  means: Writing,
  { state, op, counts, time, name = null, kept = false }: WriteOptions & Present & { readonly state: AgentState },
): Promise<string> {
  try {
    const after = await labelOf(means.store, op);
    return await means.write({ op, time, name, kept, after, counts, state }, state.settings.keepCheckpoints);
  } catch (error) {
    throw notWritten(error);
  }
}

function notWritten(cause: unknown): MemGPTError {
  const isThere = cause instanceof UnconfirmedError;
  const what = isThere ? "The checkpoint was written, but" : "The checkpoint could not be written:";
  const message = `${what} ${describe(cause).replace(/\.$/, "")}. The agent is kept whole in its database.`;
  return new MemGPTError("storage_failed", message, { cause, kept: isThere ? "all" : "nothing" });
}

/** What a person calls that which operation `op` was the end of. */
async function labelOf({ history }: Writing["store"], op: number): Promise<string | null> {
  const action = await history.actionOf(op);
  if (action !== undefined) return action.label;
  const [entry] = await history.journal.entries(op - 1, op);
  return entry?.kind === "position" ? entry.cause : null;
}
