import { homedir } from "node:os";
import { resolve } from "node:path";
import { PRACTICE_MODEL } from "./schema/built-in.ts";
import type { AnswerBounds } from "./schema/answer-bounds.ts";
import type { Connection } from "./schema/connection.ts";
import { MemGPTError, describe } from "./errors.ts";
import type { AgentFunction } from "./functions/define.ts";
import type { McpPool } from "./functions/mcp/pool.ts";
import type { FunctionRegistry, LoadedFunctions } from "./functions/registry.ts";
import { readMcpServers } from "./settings/mcp-file.ts";
import type { Backups } from "./ports/backup.ts";
import type { Move } from "./ports/move.ts";
import type { Embedder } from "./ports/embedder.ts";
import type { Reranker, Reranking } from "./ports/reranker.ts";
import type { Config } from "./settings/config.ts";
import { BoundedLlm } from "./llm/bounded-llm.ts";
import { HashEmbedder } from "./llm/embedders/hash-embedder.ts";
import type { Llm } from "./ports/llm.ts";
import { LazyLlm } from "./llm/lazy-llm.ts";
import { LiteEmbedder } from "./llm/embedders/lite-embedder.ts";
import { LocalEmbedder } from "./llm/embedders/local-embedder.ts";
import { OpenAiEmbedder } from "./llm/embedders/openai-embedder.ts";
import type { Records } from "./ports/records.ts";
import type { Storage } from "./ports/storage.ts";
import { FileRecords } from "./storage/files/file-records.ts";
import { type Home, recordsFile } from "./storage/files/paths.ts";
import {
  type ForeignDatabase,
  type ForeignQuery,
  type ForeignRow,
  statementOf,
} from "./storage/foreign/foreign-rows.ts";
import type { RowStorage } from "./storage/move/tables.ts";
import { checkDatabaseUrl } from "./storage/postgres/url.ts";
import { FileSourceRepository } from "./storage/repository/source-files.ts";
import { FileAgentRepository } from "./storage/repository/file-repository.ts";
import type { OriginalRows } from "./storage/sqlite/original-rows.ts";
import type { FindBackups } from "./ports/forgetting.ts";
import { type QuirkStore, memoryQuirks } from "./ports/quirks.ts";
import type { AgentSettings, EmbeddingSettings } from "./schema/state.ts";

export { foreignDatabase } from "./storage/foreign/foreign-rows.ts";
export { checkDatabaseUrl, shownDatabase } from "./storage/postgres/url.ts";

/** The owner of agents. A home directory has one owner; a server keeps a home for each. */
export type Owner = {
  readonly home: Home;
  /** The PostgreSQL database that the agents are in, and who they belong to there; files of the home if absent. */
  readonly database?: { readonly url: string; readonly owner: string } | undefined;
};

/**
 * The storage of an owner. Connects on first use.
 *
 * @throws MemGPTError `config_invalid` for a URL that names no PostgreSQL database.
 */
export async function createStorage(
  { home, database }: Owner,
  { now }: { readonly now: () => string },
): Promise<Storage> {
  if (database === undefined) {
    const backups: FindBackups = async (sought) =>
      (await import("./storage/backup/known-backups.ts")).backupsHolding(home.backupsFile, sought);
    const books = new Map<string, Records>();
    const records = (book: string): Records => {
      const known = books.get(book) ?? new FileRecords(recordsFile(home, book));
      books.set(book, known);
      return known;
    };
    return {
      repository: new FileAgentRepository(home, { now, backups }),
      sources: new FileSourceRepository(home),
      records,
    };
  }
  checkDatabaseUrl(database.url);
  const [{ pgStorage }, { connectionTo }] = await Promise.all([
    import("./storage/postgres/storage.ts"),
    import("./storage/postgres/connect.ts"),
  ]);
  return pgStorage(connectionTo(database.url), { owner: database.owner, now, typed: home.historyFile });
}

/**
 * Backups of the agents of an owner, as files.
 *
 * @throws MemGPTError `invalid_input` if the agents are in PostgreSQL, which has backups of its own.
 */
export async function createBackups(
  { home, database }: Owner,
  deps: { readonly now: () => string; readonly newId: () => string },
): Promise<Backups> {
  if (database !== undefined) {
    const message =
      "Backups are of agents in files, and these are in PostgreSQL: back up the database itself, with pg_dump or as its " +
      "operator does, or use `memgpt export`. Nothing was done.";
    throw new MemGPTError("invalid_input", message);
  }
  const { FileBackups } = await import("./storage/backup/file-backups.ts");
  return new FileBackups(home, deps);
}

/** The rows of a database that the original wrote. @throws MemGPTError `invalid_input` if it cannot be read. */
export async function readOriginalRows(file: string): Promise<OriginalRows> {
  return (await import("./storage/sqlite/original-rows.ts")).originalRows(file);
}

/**
 * The rows of a query, or of a table, in a database that is not ours. Nothing of it is changed.
 *
 * @throws MemGPTError `invalid_input` for a name or a query that it cannot read, `storage_failed` if it cannot be reached.
 */
export async function* readForeignRows(
  database: ForeignDatabase,
  asked: ForeignQuery,
): AsyncGenerator<ForeignRow, void, void> {
  const statement = statementOf(asked);
  if ("file" in database) {
    yield* (await import("./storage/foreign/sqlite-rows.ts")).sqliteRows(database.file, statement);
  } else {
    yield* (await import("./storage/foreign/postgres-rows.ts")).postgresRows(database.url, statement);
  }
}

/** A move between files and PostgreSQL. @throws MemGPTError `invalid_input` if both are of one kind, `config_invalid`. */
export async function createMove(from: Owner, to: Owner, deps: { readonly now: () => string }): Promise<Move> {
  if ((from.database === undefined) === (to.database === undefined)) {
    const message =
      from.database === undefined
        ? "The agents are in files already. `memgpt backup` and `memgpt restore-backup` copy them to another home."
        : "The agents are in PostgreSQL already: name a folder to move them to. Its own tools copy databases, such as pg_dump.";
    throw new MemGPTError("invalid_input", `${message} Nothing was moved.`);
  }
  if (to.database !== undefined) checkDatabaseUrl(to.database.url);
  const [{ moveAgent }, { moveSource }, { moveRecords }] = await Promise.all([
    import("./storage/move/move-agent.ts"),
    import("./storage/move/move-source.ts"),
    import("./storage/move/move-records.ts"),
  ]);
  const rows = [await rowsOf(from), await rowsOf(to)] as const;
  const [here, there] = [await createStorage(from, deps), await createStorage(to, deps)];
  return {
    agent: async (name, signal) => moveAgent(name, rows, signal),
    source: async (name, signal) => moveSource(name, { from: here.sources, to: there.sources }, signal),
    records: async (book) => moveRecords(book, { from: here.records(book), to: there.records(book) }),
    close: async () => {
      await Promise.all([...rows, here.repository, there.repository].map((resource) => resource.close()));
    },
  };
}

async function rowsOf({ home, database }: Owner): Promise<RowStorage> {
  if (database === undefined) return new (await import("./storage/move/file-rows.ts")).FileRowStorage(home);
  const [{ PgRowStorage }, { connectionTo }] = await Promise.all([
    import("./storage/move/postgres-rows.ts"),
    import("./storage/postgres/connect.ts"),
  ]);
  return new PgRowStorage(connectionTo(database.url), database.owner);
}

export type LlmOptions = {
  readonly bounds: AnswerBounds;
  /** What is known about the server and model; remembered as long as the model lives if absent. */
  readonly quirks?: QuirkStore | undefined;
};

/**
 * The model that an agent's settings name. Its code is loaded when it is first needed, and nothing is connected before the
 * first request.
 */
export function createLlm(
  { model, options }: Pick<AgentSettings, "model" | "options">,
  connection: Connection,
  { bounds, quirks = memoryQuirks() }: LlmOptions,
): Llm {
  return new LazyLlm(model, async () => {
    if (model === PRACTICE_MODEL) {
      const { PracticeLlm } = await import("./llm/practice/practice-llm.ts");
      return new PracticeLlm();
    }
    const { serverLlm } = await import("./llm/server-llm.ts");
    return serverLlm({ model, connection, options, quirks, bounds });
  });
}

export type FunctionMeans = {
  readonly home: Home;
  readonly config: Pick<Config, "allowed_folders">;
  readonly llm: (settings: AgentSettings) => Llm;
  readonly mcp: McpPool;
};

/**
 * The functions of this program, those of the caller, and, once an agent needs them, those of the person's own files.
 *
 * @throws MemGPTError `invalid_input` if two have the same name.
 */
export async function createFunctions(
  own: readonly AgentFunction[] = [],
  { home, config, llm, mcp }: FunctionMeans,
): Promise<FunctionRegistry> {
  const [{ builtInFunctions }, { extraFunctions }, { FunctionRegistry }] = await Promise.all([
    import("./functions/built-in.ts"),
    import("./functions/extras/extras.ts"),
    import("./functions/registry.ts"),
  ]);
  const allowed = { folders: config.allowed_folders.map(fromTilde), closed: home.root };
  const given = new Set(own.map(({ name }) => name));
  // A program may have its own function under the name of an extra.
  const extras = extraFunctions(allowed, llm).filter(({ name }) => !given.has(name));
  return new FunctionRegistry([...builtInFunctions(), ...extras, ...own], async () => {
    const { loadOwnFunctions } = await import("./functions/own/load-own.ts");
    const [files, tools] = [await loadOwnFunctions(home.functions), await loadTools(home, mcp)];
    return {
      functions: [...files.functions, ...tools.functions],
      problems: [...files.problems, ...tools.problems],
    };
  });
}

/** The tools of MCP servers as they were when they were added: nothing is connected before the first call. */
async function loadTools(home: Home, pool: McpPool): Promise<LoadedFunctions> {
  const { functionsOf } = await import("./functions/mcp/tools.ts");
  try {
    const servers = readMcpServers(home);
    return { functions: servers.flatMap((server) => functionsOf(server, pool.to(server))), problems: [] };
  } catch (error) {
    return { functions: [], problems: [describe(error)] };
  }
}

function fromTilde(folder: string): string {
  return resolve(folder.replace(/^~(?=$|[\\/])/, homedir()));
}

/** `llm`, with its answers kept within `bounds`. */
export function withinBounds(llm: Llm, bounds: AnswerBounds): Llm {
  return new BoundedLlm(llm, bounds);
}

export type EmbedderOptions = {
  /** Total attempts per request (default: a few). */
  readonly attempts?: number;
};

/**
 * The embedder that an agent's settings name. Nothing is loaded or connected before the first text.
 *
 * @param connection to the server, where one embeds: `credentials.embeddingConnection(settings)`.
 * @throws MemGPTError `config_invalid` if no model is named, LlmError if a key is needed and missing.
 */
export function createEmbedder(
  { provider, model, endpoint, dimensions }: EmbeddingSettings,
  connection: Connection = { endpoint, apiKey: null, headers: {}, apiVersion: null },
  options: EmbedderOptions = {},
): Embedder {
  if (provider === "hash") return new HashEmbedder();
  if (provider === "local-lite") return new LiteEmbedder();
  if (model === null || model === "") {
    throw new MemGPTError("config_invalid", `embedding is ${provider}, but no model is named: set embedding_model.`);
  }
  if (provider === "local") return new LocalEmbedder(model, dimensions);
  return new OpenAiEmbedder({ ...connection, model, dimensions, ...options });
}

/** A small, fast English one, by its name on the Hugging Face hub. */
const USUAL_LOCAL_RERANKER = "Xenova/ms-marco-MiniLM-L-6-v2";

/**
 * The reranker of the best results of a question; undefined if it is off. Nothing is loaded or connected before the first
 * search, and every failure is an error of `scores`.
 *
 * @param connectionTo the connection to a server: `credentials.embeddingConnection`.
 */
export function createReranking(
  config: Pick<Config, "rerank" | "rerank_model" | "rerank_endpoint" | "rerank_seconds" | "model_endpoint">,
  connectionTo: (server: Pick<Connection, "endpoint">) => Connection,
): Reranking | undefined {
  const { rerank, rerank_model: named, rerank_endpoint: endpoint, rerank_seconds: seconds } = config;
  if (rerank === "off") return undefined;
  // Most servers have one model and do not look at the name.
  const model = named ?? (rerank === "local" ? USUAL_LOCAL_RERANKER : "reranker");
  let loaded: Promise<Reranker> | undefined;
  const load = async (): Promise<Reranker> => {
    if (rerank === "local") {
      const { LocalReranker } = await import("./llm/rerankers/local-reranker.ts");
      return new LocalReranker(model);
    }
    const { ServerReranker } = await import("./llm/rerankers/server-reranker.ts");
    return new ServerReranker({ ...connectionTo({ endpoint: endpoint ?? config.model_endpoint }), model });
  };
  const scores: Reranker["scores"] = async (...request) => (await (loaded ??= load())).scores(...request);
  return { reranker: { model, scores }, withinMs: 1000 * seconds };
}
