import type { MemGPTError } from "../errors.ts";
import type { CheckpointFile } from "../schema/checkpoint.ts";
import type { AgentState } from "../schema/state.ts";
import type { CheckpointEntry } from "../schema/timeline.ts";

/** The checkpoints of one open agent. */
export interface Checkpoints {
  /** Schedules an automatic one of `state` and returns at once. */
  later(state: AgentState): void;
  /** Waits for the scheduled ones. */
  settled(): Promise<void>;
  /** Why the newest could not be written; undefined if it was, or is still due. */
  readonly failure: MemGPTError | undefined;
  /** Writes one now. @returns its name. @throws MemGPTError `storage_failed`. */
  write(state: AgentState, options: { readonly name: string | null; readonly kept: boolean }): Promise<string>;
  /** Newest first. */
  list(): Promise<CheckpointEntry[]>;
  /** By name, number, file or time. @throws MemGPTError `not_found`, listing the checkpoints. */
  find(
    which: string,
    options?: { readonly edited?: boolean },
  ): Promise<CheckpointEntry & Pick<CheckpointFile, "op" | "state">>;
  /** Thins out automatic ones older than the newest `newest`. */
  prune(newest: number): Promise<void>;
}
