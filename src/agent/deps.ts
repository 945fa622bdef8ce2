import type { MemGPTError } from "../errors.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Llm } from "../ports/llm.ts";
import type { Tokenizer } from "../memory/exact-tokens.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { CheckpointFile } from "../schema/checkpoint.ts";
import type { Price } from "../schema/spent.ts";
import type { AgentSettings, AgentState } from "../schema/state.ts";
import type { CheckpointEntry } from "../schema/timeline.ts";
import type { SecretPolicy } from "./screening.ts";
import type { AgentStore, Change } from "../ports/storage.ts";

/** What an agent is put together from. Nothing in `agent/` knows which implementations these are. */
export type AgentParts = {
  readonly store: AgentStore;
  readonly checkpoints: Checkpoints;
  readonly embedder: Embedder;
  /** The model that the settings ask for. @throws MemGPTError if there can be none. */
  readonly llm: (settings: AgentSettings) => Llm;
  /** What the model of the settings costs; undefined where that is not known. */
  readonly price: (settings: AgentSettings) => Price | undefined;
  /** What counts tokens for the model of the settings exactly; undefined where nothing does. Loaded when first asked for. */
  readonly tokenizer: (settings: AgentSettings) => Promise<Tokenizer | undefined>;
  readonly functions: FunctionRegistry;
  /** The state with other settings; the same state if they change nothing. @throws MemGPTError `invalid_input`. */
  readonly override: (state: AgentState, overrides: AgentOverrides) => AgentState;
  /** The state that an agent with these settings would be born with. @throws MemGPTError `not_found` if a persona or human is gone. */
  readonly reborn: (state: AgentState) => AgentState;
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
  /** What becomes of secrets in what is said and added, where the caller does not choose. */
  readonly secrets: SecretPolicy;
  /** Bounds a turn. */
  readonly maxSteps: number;
  /** Bounds a session, in US dollars; infinite if there is no bound. */
  readonly maxCost: number;
};

/** What can be chosen for an agent that exists. Kept with the agent. */
export type AgentOverrides = {
  readonly model?: string | undefined;
  readonly endpoint?: string | undefined;
  /** In tokens, at least 4,096. */
  readonly contextWindow?: number | undefined;
};

/** The checkpoint files of one agent. */
export interface Checkpoints {
  /** Has an automatic one of the present written soon, and keeps nobody waiting. */
  later(state: AgentState): void;
  /** Waits for those. */
  settled(): Promise<void>;
  /** Why the newest is not there; undefined if it is, or is still to be written. */
  readonly failure: MemGPTError | undefined;
  /** Writes one now. @throws MemGPTError `storage_failed`. */
  write(state: AgentState, options: { readonly name: string | null; readonly kept: boolean }): Promise<string>;
  /** Newest first. */
  list(): Promise<CheckpointEntry[]>;
  /** By name, number, file or time. @throws MemGPTError `not_found`, saying what there is. */
  find(
    which: string,
    options?: { readonly edited?: boolean },
  ): Promise<CheckpointEntry & Pick<CheckpointFile, "op" | "state">>;
  /** Removes automatic ones beyond the newest `newest` that the rule does not keep. */
  prune(newest: number): Promise<void>;
}

/** What a turn works with: the parts, as the agent's present settings choose them. */
export type AgentDeps = Pick<AgentParts, "embedder" | "now" | "newId" | "maxSteps" | "maxCost"> & {
  readonly store: Pick<AgentStore, "recall" | "archival" | "notices" | "say">;
  readonly llm: Llm;
  readonly tokenizer: () => Promise<Tokenizer | undefined>;
  readonly functions: ReadonlyMap<string, AgentFunction>;
  /** What this session has cost so far, in US dollars. */
  readonly cost: () => number;
  /** The schemas of `functions`, in the same order; one array for as long as they stay the same. */
  readonly schemas: readonly FunctionSchema[];
  /** Stores a change and makes its state the agent's own, in one go: a caller may stop right after it. @returns its operation. */
  readonly commit: (change: Omit<Change, "action">) => Promise<number>;
};
