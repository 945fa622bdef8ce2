import type { AgentState, Block } from "../schema/state.ts";

/** A block that somebody else has changed: its old label and its current form, or undefined if it was deleted. */
export type BlockNews = {
  readonly label: string;
  readonly block: Block | undefined;
  /** The agent that wrote it; null for a person. */
  readonly by: string | null;
};

/** The chosen blocks of an agent's core memory. */
export type ChosenBlocks = {
  readonly blocks: readonly Block[];
  /** Records the choice, once the agent has the blocks. */
  readonly settle: () => Promise<void>;
};

/** Blocks that are in the core memory of several agents. */
export interface SharedBlocks {
  /** Reads what others have changed, and what they have forgotten. */
  refresh(): Promise<void>;
  /** An agent's blocks, each with its id. Blocks of older versions and of copied agents lack their own and get one. */
  identified(state: Pick<AgentState, "id" | "blocks">): readonly Block[];
  /** The current form of a shared block; undefined if it belongs to one agent alone. */
  shared(id: string | undefined): Block | undefined;
  /** Others' changes to an agent's blocks that it has not adopted yet, as of the last `refresh`. */
  incoming(state: Pick<AgentState, "id" | "blocks">): readonly BlockNews[];
  /**
   * The agent's blocks if it has those of `ids` and no others; those that it has keep their order. @throws MemGPTError
   * `not_found`.
   */
  choose(state: Pick<AgentState, "id" | "blocks">, ids: readonly string[]): Promise<ChosenBlocks>;
  /** Publishes an agent's changes to the others. */
  publish(state: Pick<AgentState, "id" | "name" | "blocks">): Promise<void>;
}
