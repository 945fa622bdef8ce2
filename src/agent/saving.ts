import type { Checkpoints } from "../ports/checkpoints.ts";
import type { AgentState } from "../schema/state.ts";

/** Writes the checkpoints of an open agent. Their content is already in the database; they mark points to return to. */
export class Saving {
  /** The state of the last checkpoint that was requested. */
  last: AgentState | undefined;
  readonly #checkpoints: Checkpoints;
  #isFailureReported = false;

  constructor(checkpoints: Checkpoints, last: AgentState | undefined) {
    this.#checkpoints = checkpoints;
    this.last = last;
  }

  /** Schedules a checkpoint if anything changed since the last. */
  later(state: AgentState): void {
    if (state === this.last) return;
    this.last = state;
    this.#checkpoints.later(state);
  }

  /** Resolves when the checkpoint of `state` is on disk. @throws MemGPTError `storage_failed` if it cannot be written. */
  async settled(state: AgentState): Promise<void> {
    this.later(state);
    await this.#checkpoints.settled();
    if (this.#checkpoints.failure !== undefined) await this.write(state, { name: null, kept: false });
  }

  /** Writes a checkpoint. @returns the name of its file. @throws MemGPTError `storage_failed`. */
  async write(state: AgentState, options: { readonly name: string | null; readonly kept: boolean }): Promise<string> {
    const file = await this.#checkpoints.write(state, options);
    this.last = state;
    return file;
  }

  /** Reports once that checkpoints cannot be written, until one succeeds. */
  notices(): string[] {
    const { failure } = this.#checkpoints;
    const isNews = failure !== undefined && !this.#isFailureReported;
    this.#isFailureReported = failure !== undefined;
    return isNews ? [`${failure.message} The next change, or opening the agent again, writes one.`] : [];
  }
}
