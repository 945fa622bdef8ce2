import type { AgentFunction, ForgetProposal } from "../functions/define.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { NoticeList, NoticeSink } from "../ports/notices.ts";
import type { Checkpoints } from "../ports/checkpoints.ts";
import type { Forgetting } from "../ports/forgetting.ts";
import type { PassageCollection } from "../ports/archival.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { SharedBlocks } from "../ports/shared-blocks.ts";
import type { Reranking } from "../ports/reranker.ts";
import type { Llm } from "../ports/llm.ts";
import type { Tokenizer } from "../memory/exact-tokens.ts";
import type { Collections } from "../search/passages/collections.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { Price } from "../schema/spent.ts";
import type { AgentSettings, AgentState, Block } from "../schema/state.ts";
import type { ConsentParts } from "./consent.ts";
import type { QuarantinePolicy } from "./quarantine.ts";
import type { SecretPolicy } from "./screening.ts";
import type { AgentStore } from "../ports/agent-store.ts";
import type { Change } from "../ports/history.ts";

/** Opens the sources and archives that agents search. */
export interface SourceShelf {
  /** Opens a source again, even if it is already open. @throws MemGPTError `not_found`, listing the existing sources. */
  open(name: string): Promise<PassageCollection>;
  /** Opens the sources that are not open yet. @returns notices of missing ones, which will not be searched. */
  prepare(names: readonly string[]): Promise<string[]>;
  /** The passages of a source that is open. */
  collection(name: string): PassageCollection | undefined;
  close(): Promise<void>;
}

/** What an agent is built from. Nothing in `agent/` knows the implementations. */
export type AgentParts = ConsentParts & {
  readonly store: AgentStore;
  /** Notices for a person. Grows while the agent is in use. */
  readonly notices: NoticeList;
  readonly checkpoints: Checkpoints;
  readonly forgetting: Forgetting;
  /** The embedder of the agent's own passages. */
  readonly embedder: Embedder;
  /** Reranks the best results of a question, if configured. */
  readonly reranking?: Reranking | undefined;
  /** The sources of the home. Attached ones are searched together with the agent's own passages. */
  readonly sources: SourceShelf;
  /** The blocks that it shares with other agents. */
  readonly sharedBlocks: SharedBlocks;
  /** The model that the settings ask for. @throws MemGPTError if they rule out any. */
  readonly llm: (settings: AgentSettings) => Llm;
  /** The price of the settings' model; undefined if unknown. */
  readonly price: (settings: AgentSettings) => Price | undefined;
  /** Counts tokens exactly for the settings' model; undefined if no vocabulary is known. Loaded on first use. */
  readonly tokenizer: (settings: AgentSettings) => Promise<Tokenizer | undefined>;
  readonly functions: FunctionRegistry;
  /** The state with `overrides`; the same state if they change nothing. @throws MemGPTError `invalid_input`. */
  readonly override: (state: AgentState, overrides: AgentOverrides) => AgentState;
  /** The state of a new agent with these settings. @throws MemGPTError `not_found` if a persona or human is missing. */
  readonly initialState: (state: AgentState, blocks: readonly Block[] | undefined) => AgentState;
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
  /** What to do with secrets in messages and texts, unless the caller chooses. */
  readonly secrets: SecretPolicy;
  /** What to do with writes to memory that read like instructions to the agent. */
  readonly quarantine: QuarantinePolicy;
  /** Whether nothing of the session is stored. */
  readonly isIncognito: boolean;
  /** Most steps of a turn. */
  readonly maxSteps: number;
  /** Most that a session may cost, in US dollars; may be infinite. */
  readonly maxCost: number;
};

/** Settings that can be changed for an existing agent. Stored with the agent. */
export type AgentOverrides = {
  readonly model?: string | undefined;
  readonly endpoint?: string | undefined;
  /** In tokens, at least 4,096. */
  readonly contextWindow?: number | undefined;
};

/** What can be changed of an existing agent at once. */
export type AgentChanges = AgentOverrides & {
  /** System prompt. */
  readonly system?: string | undefined;
  /** Ids of its blocks: exactly these. */
  readonly blockIds?: readonly string[] | undefined;
};

/** What a turn works with, according to the agent's current settings. */
export type AgentDeps = Pick<
  AgentParts,
  "now" | "newId" | "quarantine" | "secrets" | "maxSteps" | "maxCost" | "askConsent" | "allowed"
> & {
  readonly store: Pick<AgentStore, "recall" | "archival">;
  /** The agent's own passages as this turn sees them, and those of attached sources. */
  readonly collections: () => Collections;
  readonly notify: NoticeSink;
  readonly llm: Llm;
  readonly tokenizer: () => Promise<Tokenizer | undefined>;
  readonly functions: ReadonlyMap<string, AgentFunction>;
  /** What this session has cost so far, in US dollars. */
  readonly cost: () => number;
  /** The schemas of `functions`, in the same order; the same array as long as they stay the same. */
  readonly schemas: readonly FunctionSchema[];
  /** Asks the person whether everything that says a text may be erased. */
  readonly proposeForgetting: (text: string, signal: AbortSignal | undefined) => Promise<ForgetProposal>;
  /** Erases texts once the turn has ended, when the step that agreed to it is stored. */
  readonly eraseLater: (texts: readonly string[]) => void;
  /** Stores a change and adopts its state at once, because the caller may stop right after it. @returns its operation. */
  readonly commit: (change: Omit<Change, "action">) => Promise<number>;
};
