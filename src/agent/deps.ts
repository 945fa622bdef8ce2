import type { AgentFunction } from "../functions/define.ts";
import type { Embedder } from "../llm/embedder.ts";
import type { Llm } from "../llm/llm.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AgentStore, Change } from "../storage/interfaces.ts";

/** What an agent works with. Nothing in `agent/` knows which implementations these are. */
export type AgentDeps = {
  readonly llm: Llm;
  readonly embedder: Embedder;
  readonly store: Omit<AgentStore, "commit">;
  readonly functions: ReadonlyMap<string, AgentFunction>;
  /** The schemas of `functions`, in the same order; one array for the life of the agent. */
  readonly schemas: readonly FunctionSchema[];
  /** Stores a change and makes its state the agent's own, in one go: a caller may stop right after it. @returns its operation. */
  readonly commit: (change: Change) => Promise<number>;
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
  /** Bounds a turn. */
  readonly maxSteps: number;
};
