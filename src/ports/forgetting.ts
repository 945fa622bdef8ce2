import type { Forgettable, ForgetOrder, ForgetRequest } from "../schema/forgetting.ts";
import type { AgentState } from "../schema/state.ts";

/** Who asks, and when (ISO 8601 in UTC). `keep`: labels of blocks, `summary`, and ids of passages that stay. */
export type ForgetOptions = { readonly by: string; readonly at: string; readonly keep: readonly string[] };

/** What a forgetting looks for in backups: ids of rows of an agent, and words in lower case. */
export type SoughtInBackups = {
  readonly agent: string;
  readonly ids: readonly string[];
  readonly words: readonly string[];
};

/** Files of the backups that hold it. */
export type FindBackups = (sought: SoughtInBackups) => Promise<readonly string[]>;

/**
 * Erases texts from one agent, for good. What a request concerns, and what is left of it, is said in
 * memory/forgetting.ts; a store only has to find and rewrite every place where texts stand.
 */
export interface Forgetting {
  /** What carrying out the request would remove. Changes nothing. */
  preview(
    request: ForgetRequest,
    options: ForgetOptions,
  ): Promise<{ readonly order: ForgetOrder; readonly found: Forgettable }>;
  /**
   * Carries out an order: all of it, or nothing. After a crash, opening the agent carries it out to its end.
   *
   * @returns the state that is left.
   * @throws MemGPTError `storage_failed`, saying whether it was forgotten already.
   */
  forget(order: ForgetOrder): Promise<AgentState>;
  /**
   * Forgets what agents that share a block with this one forgot while it was open, as far as `SharedBlocks.refresh` has seen it.
   *
   * @param before Called first if there is something to forget.
   * @returns the state that is left; undefined if there was nothing.
   * @throws MemGPTError `storage_failed`.
   */
  catchUp?(before?: () => Promise<void>): Promise<AgentState | undefined>;
}
