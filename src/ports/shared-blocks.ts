import type { AgentState, Block } from "../schema/state.ts";

/** A block that somebody else has changed: as it was called, and as it is now. */
export type BlockNews = {
  readonly label: string;
  readonly block: Block;
  /** The agent that wrote it; null for a person. */
  readonly by: string | null;
};

/** Blocks that are in the core memory of several agents. */
export interface SharedBlocks {
  /** What others have changed of an agent's blocks since it last took that over. */
  incoming(state: Pick<AgentState, "id" | "blocks">): readonly BlockNews[];
  /** Lets the others have what an agent changed. */
  publish(state: Pick<AgentState, "id" | "name" | "blocks">): void;
}
