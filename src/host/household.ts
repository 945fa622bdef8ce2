import type { Agent } from "../agent/agent.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import { type Owner, createEmbedder, createFunctions, createLlm, createReranking, withinBounds } from "../compose.ts";
import { BlockBook } from "./block-book.ts";
import { McpPool } from "../functions/mcp/pool.ts";
import type { AgentFunction } from "../functions/define.ts";
import type { Embedder } from "../ports/embedder.ts";
import type { Records } from "../ports/records.ts";
import type { Reranking } from "../ports/reranker.ts";
import type { Llm } from "../ports/llm.ts";
import type { AgentRepository } from "../ports/repository.ts";
import type { Storage } from "../ports/storage.ts";
import type { SourceRepository } from "../ports/source.ts";
import type { AgentSettings, EmbeddingSettings } from "../schema/state.ts";
import { PRACTICE_MODEL } from "../schema/built-in.ts";
import { type Config, answerBoundsOf } from "../settings/config.ts";
import type { Credentials } from "../settings/credentials.ts";
import { fileQuirks } from "../settings/quirks-file.ts";
import { timeOrderedId } from "./new-id.ts";

/** Everything that the agents of one owner share. */
export type Household = Owner & {
  readonly config: Config;
  readonly repository: AgentRepository;
  /** The data sources. */
  readonly sources: SourceRepository;
  /** Records stored besides agents, by book. */
  readonly records: (book: string) => Records;
  readonly llm: (settings: AgentSettings) => Llm;
  readonly embedder: (settings: EmbeddingSettings) => Embedder;
  /** Reranks the best results of a question; undefined unless configured. */
  readonly reranking: () => Reranking | undefined;
  /** The functions that agents can be given. Loaded when the first agent is opened. */
  readonly functions: () => Promise<FunctionRegistry>;
  /** Blocks that agents can share. */
  readonly blocks: BlockBook;
  /** The MCP servers that are connected. */
  readonly mcp: McpPool;
  /** Warnings about the keys that an agent uses. */
  readonly keyWarnings: (settings: AgentSettings) => readonly string[];
  /** Now, ISO 8601 in UTC. */
  readonly now: () => string;
  readonly newId: () => string;
  /** The agents that are open. */
  readonly open: Set<Agent>;
};

/** What a caller may provide. */
export type HouseholdOptions = {
  readonly llm?: ((settings: AgentSettings) => Llm) | undefined;
  readonly embedder?: ((settings: EmbeddingSettings) => Embedder) | undefined;
  readonly functions?: readonly AgentFunction[] | undefined;
  readonly now?: (() => string) | undefined;
  readonly newId?: (() => string) | undefined;
};

type Settings = { readonly config: Config; readonly credentials: Credentials; readonly quirksFile: string };

/** The household of an owner. What the caller does not provide, the configuration chooses. */
export function householdOf(
  { home, database, repository, sources, records }: Owner & Storage,
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
    sources,
    records,
    llm: (settings) => withinBounds(make(settings), bounds),
    embedder: embedder ?? ((settings) => createEmbedder(settings, credentials.embeddingConnection(settings))),
    reranking: () => (reranking ??= createReranking(config, (server) => credentials.embeddingConnection(server))),
    functions: () =>
      (registry ??= createFunctions(functions, { home, config, llm: (settings) => house.llm(settings), mcp })),
    get blocks() {
      return (blocks ??= new BlockBook(records("blocks"), newId));
    },
    mcp,
    keyWarnings: (settings) => keyWarnings(settings, credentials),
    now,
    newId,
    open: new Set<Agent>(),
  };
  return house;
}

export async function chosenAgents(
  { repository }: Pick<Household, "repository">,
  names: readonly string[] | "all",
): Promise<readonly string[]> {
  return names === "all" ? (await repository.list()).map(({ name }) => name) : names;
}

/** Waits for the checkpoints of an agent that is open here. Ignores failures, which the agent itself reports. */
export async function awaitCheckpoints({ open }: Pick<Household, "open">, name: string): Promise<void> {
  await [...open]
    .find((agent) => agent.name === name)
    ?.save()
    .catch(() => undefined);
}

/** Now, ISO 8601 in UTC. */
export function present(): string {
  return new Date().toISOString();
}

/** Warnings about keys that would go over plain http to another machine. */
function keyWarnings({ endpoint, model, embedding }: AgentSettings, credentials: Credentials): string[] {
  const asked = [
    ...(model === PRACTICE_MODEL ? [] : [endpoint]),
    ...(embedding.provider === "openai" ? [embedding.endpoint] : []),
  ];
  return [...new Set(asked)].flatMap((url) => credentials.warningFor(url) ?? []);
}
