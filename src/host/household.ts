import type { Agent } from "../agent/agent.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import { type Owner, createEmbedder, createFunctions, createLlm, createReranking, withinBounds } from "../compose.ts";
import { BlockBook } from "./block-book.ts";
import { McpPool } from "../functions/mcp/pool.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Reranking } from "../ports/reranker.ts";
import type { Llm } from "../ports/llm.ts";
import type { AgentRepository } from "../ports/repository.ts";
import type { AgentSettings, EmbeddingSettings } from "../schema/state.ts";
import { PRACTICE_MODEL } from "../schema/built-in.ts";
import { type Config, answerBoundsOf } from "../settings/config.ts";
import type { Credentials } from "../settings/credentials.ts";
import { fileQuirks } from "../settings/quirks-file.ts";
import { timeOrderedId } from "./new-id.ts";

/** What the agents of one owner share. */
export type Household = Owner & {
  readonly config: Config;
  readonly repository: AgentRepository;
  readonly llm: (settings: AgentSettings) => Llm;
  readonly embedder: (settings: EmbeddingSettings) => Embedder;
  /** What reads the best results of a question again; undefined unless the configuration names something. */
  readonly reranking: () => Reranking | undefined;
  /** The functions that agents can be given. Loaded when the first agent is opened. */
  readonly functions: () => Promise<FunctionRegistry>;
  /** Blocks that agents can have in common. */
  readonly blocks: BlockBook;
  /** The MCP servers that are connected. */
  readonly mcp: McpPool;
  /** What a person should know of the keys that an agent uses. */
  readonly keyWarnings: (settings: AgentSettings) => readonly string[];
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
  /** The agents that are open. */
  readonly open: Set<Agent>;
};

/** What a caller may bring along. */
export type HouseholdOptions = {
  readonly llm?: ((settings: AgentSettings) => Llm) | undefined;
  readonly embedder?: ((settings: EmbeddingSettings) => Embedder) | undefined;
  readonly functions?: readonly AgentFunction[] | undefined;
  readonly now?: (() => string) | undefined;
  readonly newId?: (() => string) | undefined;
};

type Settings = { readonly config: Config; readonly credentials: Credentials; readonly quirksFile: string };

/** The household of an owner, with what the configuration chooses wherever the caller does not. */
export function householdOf(
  { home, database, repository }: Owner & Pick<Household, "repository">,
  { config, credentials, quirksFile }: Settings,
  { llm, embedder, functions, now = present, newId = timeOrderedId }: HouseholdOptions,
): Household {
  const mcp = new McpPool();
  let registry: Promise<FunctionRegistry> | undefined;
  const bounds = answerBoundsOf(config);
  const configured = (settings: AgentSettings): Llm => {
    const quirks = fileQuirks(quirksFile, settings);
    return createLlm(settings, credentials.modelConnection(settings), { bounds, quirks });
  };
  const make = llm ?? configured;
  let reranking: Reranking | undefined;
  let blocks: BlockBook | undefined;
  const house: Household = {
    home,
    database,
    config,
    repository,
    llm: (settings) => withinBounds(make(settings), bounds),
    embedder: embedder ?? ((settings) => createEmbedder(settings, credentials.embeddingConnection(settings))),
    reranking: () => (reranking ??= createReranking(config, (server) => credentials.embeddingConnection(server))),
    functions: () =>
      (registry ??= createFunctions(functions, { home, config, llm: (settings) => house.llm(settings), mcp })),
    get blocks() {
      return (blocks ??= new BlockBook(home.blocksFile, newId));
    },
    mcp,
    keyWarnings: (settings) => keyWarnings(settings, credentials),
    now,
    newId,
    open: new Set<Agent>(),
  };
  return house;
}

/** Now, ISO 8601 in UTC. */
export function present(): string {
  return new Date().toISOString();
}

/** Of keys that go over plain http to another machine. */
function keyWarnings({ endpoint, model, embedding }: AgentSettings, credentials: Credentials): string[] {
  const asked = [
    ...(model === PRACTICE_MODEL ? [] : [endpoint]),
    ...(embedding.provider === "openai" ? [embedding.endpoint] : []),
  ];
  return [...new Set(asked)].flatMap((url) => credentials.warningFor(url) ?? []);
}
