import { setImmediate } from "node:timers/promises";
import { MemGPTError } from "../../errors.ts";
import type { SqliteAgentStore } from "../sqlite/agent-store.ts";
import type { AgentState } from "../../schema/state.ts";
import type { CheckpointFolder, NewCheckpoint } from "../files/checkpoints.ts";
import { CheckpointFailure } from "./checkpoint-failure.ts";
import type { AgentStore } from "../../ports/agent-store.ts";

export type Files = { readonly store: SqliteAgentStore; readonly checkpoints: CheckpointFolder };

/** Options of a checkpoint of `state`, the state after the newest operation. */
export type WriteOptions = {
  /** ISO 8601 in UTC. */
  readonly time: string;
  readonly name?: string | null;
  /** Whether to keep it forever. */
  readonly kept?: boolean;
};

/**
 * Writes a checkpoint, and records it in the database.
 *
 * @returns the name of the file.
 * @throws MemGPTError `storage_failed`; the database is unaffected.
 */
export async function writeCheckpoint(files: Files, state: AgentState, options: WriteOptions): Promise<string> {
  const means = writing(files);
  return write(means, { state, ...(await means.present()), ...options });
}

type Counts = { readonly messages: number; readonly passages: number };

/** The newest operation, and what is remembered at that point. */
type Present = { readonly op: number; readonly counts: Counts };

/** How the checkpoints of an agent are written. */
export type Writing = {
  readonly store: Pick<AgentStore, "history">;
  /** Evaluated at the moment of the call. */
  readonly present: () => Promise<Present>;
  /** @returns the name of the checkpoint. */
  readonly write: (checkpoint: NewCheckpoint, keep: number) => Promise<string>;
};

/** Writes checkpoints as files. */
export function writing({ store, checkpoints }: Files): Writing {
  return {
    store,
    // The statements run synchronously, so a later commit does not affect them.
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

/** Most checkpoints that queue for a slow disk: more would not be kept anyway. */
const MOST_WAITING = 50;

/**
 * Writes an open agent's checkpoints one after another in the background, after the turn was committed and reported. Until
 * then the database has all that a checkpoint would contain.
 */
export class CheckpointWriter {
  readonly #means: Writing;
  readonly #waiting: Job[] = [];
  #working: Promise<void> | undefined;
  #failure: MemGPTError | undefined;

  constructor(means: Writing) {
    this.#means = means;
  }

  /** Why the last requested checkpoint could not be written; undefined if it was, or is still queued. */
  get failure(): MemGPTError | undefined {
    return this.#failure;
  }

  /** Queues a checkpoint of the present state. */
  later(state: AgentState, options: WriteOptions): void {
    this.#waiting.push({ state, present: this.#means.present(), ...options });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#working ??= this.#work();
  }

  /** Resolves when every queued checkpoint has been written or has failed. */
  async settled(): Promise<void> {
    await this.#working;
  }

  /** Writes a checkpoint now, after the queued ones. @returns the name of its file. @throws MemGPTError `storage_failed`. */
  async now(state: AgentState, options: WriteOptions): Promise<string> {
    await this.settled();
    const file = await write(this.#means, { state, ...(await this.#means.present()), ...options });
    this.#failure = undefined;
    return file;
  }

  async #work(): Promise<void> {
    // Callers learn of the end of the turn first.
    await setImmediate();
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      try {
        await write(this.#means, { ...job, ...(await job.present) });
        this.#failure = undefined;
      } catch (error) {
        this.#failure = error instanceof MemGPTError ? error : new CheckpointFailure(error);
      }
    }
    this.#working = undefined;
  }
}

/** A queued checkpoint. */
type Job = WriteOptions & { readonly state: AgentState; readonly present: Promise<Present> };

async function write(
  means: Writing,
  { state, op, counts, time, name = null, kept = false }: WriteOptions & Present & { readonly state: AgentState },
): Promise<string> {
  try {
    const after = await labelOf(means.store, op);
    return await means.write({ op, time, name, kept, after, counts, state }, state.settings.keepCheckpoints);
  } catch (error) {
    throw new CheckpointFailure(error);
  }
}

/** The label of the action that ended with operation `op`. */
async function labelOf({ history }: Writing["store"], op: number): Promise<string | null> {
  const action = await history.actionOf(op);
  if (action !== undefined) return action.label;
  const [entry] = await history.journal.entries(op - 1, op);
  return entry?.kind === "position" ? entry.cause : null;
}
