import type { Agent, AgentOverrides, MemGPT, NewAgent, SessionOptions } from "../../index.ts";

/** The agents of a home directory, or of a server. */
type Agents = Pick<MemGPT, "listAgents" | "hasAgent" | "deleteAgent" | "exportAgent"> & {
  createAgent(options?: NewAgent, session?: SessionOptions): Promise<Agent>;
  openAgent(name: string, overrides?: AgentOverrides, session?: SessionOptions): Promise<Agent>;
  close(): Promise<void>;
};

/** What a session talks to. */
export type SessionHome = {
  readonly agents: Agents;
  /** The home directory of this machine: settings of the terminal, and what was typed. */
  readonly local: MemGPT;
  /** Whether the agents are on a server. */
  readonly isRemote: boolean;
  /** Names of the data sources. */
  sources(): readonly string[];
};

export function localHome(local: MemGPT): SessionHome {
  return { agents: local, local, isRemote: false, sources: () => local.sources.names() };
}
