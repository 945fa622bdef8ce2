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
  /** The home directory of this machine, which has the terminal's settings and typed lines even for remote agents. */
  readonly local: MemGPT;
  /** Whether the agents are on a server. */
  readonly isRemote: boolean;
  /** Names of the data sources as `sources` last returned them. */
  knownSources(): readonly string[];
  sources(): Promise<readonly string[]>;
};

export async function localHome(local: MemGPT): Promise<SessionHome> {
  return withSources({ agents: local, local, isRemote: false }, () => local.sources.names());
}

/** @param ask Asks for the names of the data sources. */
export async function withSources(
  home: Pick<SessionHome, "agents" | "local" | "isRemote">,
  ask: () => Promise<readonly string[]>,
): Promise<SessionHome> {
  let known = await ask();
  return { ...home, knownSources: () => known, sources: async () => (known = await ask()) };
}
