import type { AgentState } from "../schema/state.ts";
import type { CheckpointEntry } from "../schema/timeline.ts";
import type { AgentStore } from "./agent-store.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Forgetting } from "./forgetting.ts";
import type { History } from "./history.ts";
import type { NoticeSink } from "./notices.ts";

/** An agent in a list. `lastUsedAt` is the time of its newest checkpoint, ISO 8601 in UTC; empty if it has none. */
export type AgentEntry = { readonly name: string; readonly lastUsedAt: string };

/** An agent in a detailed list. */
export type AgentOverview = {
  readonly id: string;
  readonly model: string;
  /** ISO 8601 in UTC. */
  readonly createdAt: string;
  /** How many messages and passages it has. */
  readonly recall: number;
  readonly archival: number;
};

/** Bytes that an agent takes: its database, its vector index, all its checkpoints. */
export type StoredBytes = { readonly database: number; readonly index: number; readonly checkpoints: number };

/** A process that shares agents with others, and the URL at which it serves them. */
export type ServingProcess = { readonly id: string; readonly address: string };

export type OpenOptions = {
  /** Gets what a person should know of storage while the agent is open. */
  readonly notify?: NoticeSink | undefined;
  /** Stores nothing and locks nothing (default: false). */
  readonly incognito?: boolean | undefined;
  /** Checks everything, not only what is needed (default: false). */
  readonly thorough?: boolean | undefined;
};

/** An agent held for this process: nobody else can open it. */
export interface OpenedAgent {
  readonly store: AgentStore;
  readonly checkpoints: Checkpoints;
  readonly forgetting: Forgetting;
  readonly state: AgentState;
  /** What was found damaged and was repaired, for a person to read. */
  readonly notices: readonly string[];
  /** Whether no checkpoint holds the present yet: the agent is new, or a process ended before it wrote one. */
  readonly isCheckpointDue: boolean;
  release(): Promise<void>;
}

export type ReadOptions = Pick<OpenOptions, "notify"> & {
  /** Reads everything as of one instant, whatever others write meanwhile (default: false). */
  readonly snapshot?: boolean | undefined;
};

/** An agent that is only read, perhaps while another process talks to it. */
export interface AgentReader {
  readonly name: string;
  readonly history: Pick<History, "load" | "journal" | "actionOf">;
  readonly recall: AgentStore["recall"];
  readonly archival: AgentStore["archival"];
  readonly maintenance: Pick<AgentStore["maintenance"], "vectorIndex" | "said">;
  bytes(): Promise<StoredBytes>;
  close(): Promise<void>;
}

export type CopyOptions = {
  /** Id of the copy. */
  readonly id: string;
  /** The checkpoint that the copy goes to, by name, number, file or time; the present if absent. */
  readonly at?: string | undefined;
};

/**
 * The agents of one owner, by name. Holds the locks, and makes an agent's database and checkpoints agree whenever it is
 * opened. Making, copying, renaming and deleting are all or nothing.
 *
 * Names differ by more than case only on some systems; each has one form in Unicode.
 *
 * @throws MemGPTError `agent_not_found` for an unknown name, listing the agents; `invalid_name`; `agent_locked` naming
 *   the holder, where the agent is open elsewhere; `agent_exists`; `storage_failed`, `storage_damaged`.
 */
export interface AgentRepository {
  /** The last used first. */
  list(): Promise<AgentEntry[]>;
  has(name: string): Promise<boolean>;
  /** The normalized `name`, or an unused `agent_N`. @throws MemGPTError `agent_exists`, `invalid_name`. */
  newName(name?: string): Promise<string>;
  create(name: string, state: AgentState): Promise<void>;
  open(name: string, options?: OpenOptions): Promise<OpenedAgent>;
  /** Takes no lock. */
  read(name: string, options?: ReadOptions): Promise<AgentReader>;
  overview(name: string): Promise<AgentOverview>;
  /** Newest first, without opening the agent. Those that cannot be loaded say why. */
  checkpoints(name: string): Promise<CheckpointEntry[]>;
  /** Copies an agent as it is after one of its steps, also while it is open elsewhere. */
  copy(from: string, to: string, options: CopyOptions): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removes an agent for good. */
  delete(name: string): Promise<void>;
  /** Tells the other processes the URL at which this one serves its agents. */
  announce(url: string): Promise<void>;
  /** The id of this process among those that share the agents; absent if none do. */
  processId?(): Promise<string>;
  /** The other live processes that share the agents and serve them. */
  others?(): Promise<readonly ServingProcess[]>;
  /**
   * What compares vectors in the database that all agents share, such as "pgvector 0.8.7"; undefined if the program
   * does.
   */
  vectorEngine?(): Promise<string | undefined>;
  /** Releases what all agents share, such as connections. Close open agents first. */
  close(): Promise<void>;
}
