import type { Agent } from "../agent/agent.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Llm } from "../ports/llm.ts";
import type { AgentRepository } from "../ports/repository.ts";
import type { AgentSettings, EmbeddingSettings } from "../schema/state.ts";
import type { Config } from "../settings/config.ts";
import type { Home } from "../storage/files/paths.ts";

/** What the agents of one owner share. */
export type Household = {
  /** Where presets, personas and humans are. */
  readonly home: Home;
  readonly config: Config;
  readonly repository: AgentRepository;
  readonly llm: (settings: AgentSettings) => Llm;
  readonly embedder: (settings: EmbeddingSettings) => Embedder;
  /** The functions that agents can be given. Loaded when the first agent is opened. */
  readonly functions: () => Promise<FunctionRegistry>;
  /** What a person should know of the keys that an agent uses. */
  readonly keyWarnings: (settings: AgentSettings) => readonly string[];
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
  /** The agents that are open. */
  readonly open: Set<Agent>;
};
