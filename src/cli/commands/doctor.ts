import { describe } from "../../errors.ts";
import {
  type AgentSettings,
  type AgentVectors,
  type Check,
  type CheckOptions,
  type EmbeddingSettings,
  type MemGPT,
  MemGPTError,
  answerBoundsOf,
  checkAgents,
  checkDatabase,
  checkEmbedding,
  checkHome,
  checkInstallation,
  checkModel,
  embeddingSettingsOf,
  modelOptionsOf,
} from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";
import { EXIT_CODES } from "../terminal/report-error.ts";
import { onInterrupt } from "../setup/interrupt.ts";

const INTERRUPTED = EXIT_CODES.interrupted;

export type DoctorOptions = {
  readonly json?: boolean;
  /** The agent whose models to check (default: the configured ones and those of all agents). */
  readonly agent?: string;
  /** Repair agents' files instead of running the checks. */
  readonly repair?: boolean;
  /** Milliseconds for each request. */
  readonly timeout: number;
};

/** `memgpt doctor`. @returns the exit code: 1 if anything fails. */
export async function doctor(options: DoctorOptions): Promise<number> {
  const { signal, stop } = onInterrupt();
  const checks: Check[] = [];
  try {
    const memgpt = await openHome();
    const running = options.repair === true ? repairs(memgpt, options.agent) : all(memgpt, options, signal);
    for await (const check of running) {
      checks.push(check);
      if (options.json !== true) print(line(check));
    }
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    stop();
  }
  const isHealthy = checks.every(({ status }) => status !== "fail");
  if (options.json === true) process.stdout.write(`${jsonText({ ok: isHealthy, checks }, 2)}\n`);
  return isHealthy ? 0 : 1;
}

async function* all(memgpt: MemGPT, options: DoctorOptions, signal: AbortSignal): AsyncGenerator<Check, void, void> {
  const { config, credentials } = memgpt;
  yield* await checkInstallation();
  yield* checkHome(memgpt.home);
  for (const notice of memgpt.notices) yield { name: "configuration", status: "warn", detail: notice };
  if (memgpt.database === undefined) yield* checkAgents(memgpt.home);
  else yield await checkDatabase(memgpt.database, () => memgpt.listAgents());
  const check = { timeout: options.timeout, signal };
  const used = options.agent === undefined ? await allInUse(memgpt) : await inUseBy(memgpt, options.agent);
  for (const { settings, agents } of distinct(used, placeOf)) {
    const choice = { ...settings, connection: credentials.modelConnection(settings) };
    yield* about(agents, checkModel(choice, { bounds: answerBoundsOf(config), ...check }));
  }
  for (const group of distinct(used, ({ embedding }) => embedding)) {
    yield* about(group.agents, embeddingChecks(group, memgpt, check));
  }
}

/** Repairs the files of one agent, or of all. A failure does not stop the repair of the others. */
async function* repairs(memgpt: MemGPT, agent: string | undefined): AsyncGenerator<Check, void, void> {
  const all = (await memgpt.listAgents({ hidden: true })).map(({ name }) => name).sort();
  for (const name of agent === undefined ? all : [agent]) {
    try {
      const notices = await memgpt.repair(name);
      if (notices.length === 0) yield { name: `agent ${name}`, status: "ok", detail: "nothing is damaged" };
      for (const detail of notices) yield { name: `agent ${name}`, status: "warn", detail };
    } catch (error) {
      if (!(error instanceof MemGPTError) || agent !== undefined) throw error;
      yield { name: `agent ${name}`, status: "fail", detail: error.message };
    }
  }
}

async function* embeddingChecks(
  { settings: { embedding }, agents, users }: Used,
  memgpt: MemGPT,
  options: CheckOptions,
): AsyncGenerator<Check, void, void> {
  if (typeof embedding === "string") {
    yield { name: "embedding", status: "fail", detail: embedding };
    return;
  }
  const connection = memgpt.credentials.embeddingConnection(embedding);
  const vectors = (await Promise.all(users.map((name) => vectorsOf(memgpt, name)))).flat();
  for await (const check of checkEmbedding(embedding, { connection, ...options }, vectors)) {
    // The configured embedding applies to new agents only.
    const instead = "Or switch them to another: memgpt reindex NAME --embedding hash.";
    const isFailing = agents.length > 0 && check.status === "fail";
    yield isFailing ? { ...check, advice: [check.advice, instead].join(" ") } : check;
  }
}

/** Empty for an unreadable agent; another check covers its files. */
async function vectorsOf(memgpt: MemGPT, agent: string): Promise<AgentVectors[]> {
  const found = await memgpt.inspect(agent).catch(() => undefined);
  if (found === undefined) return [];
  const { total: passages, embedding: model, dimensions, without_vector: withoutVector } = found.archival;
  const said = { model: found.recall.embedding, withoutVector: found.recall.without_vector };
  return [{ agent, passages, withoutVector, model, dimensions, said }];
}

/**
 * Settings to check. `users` names every agent that has them; so does `agents`, except for the configured settings, where
 * it is empty. A string as `embedding` says what is wrong with it.
 */
type Used = {
  readonly settings: Pick<AgentSettings, "model" | "endpoint" | "contextWindow" | "options"> & {
    readonly embedding: EmbeddingSettings | string;
  };
  readonly agents: readonly string[];
  readonly users: readonly string[];
};

/** The configured settings and those of each readable agent. Another check reports unreadable ones. */
async function allInUse(memgpt: MemGPT): Promise<Used[]> {
  const { model, model_endpoint: endpoint, context_window: contextWindow } = memgpt.config;
  const options = modelOptionsOf(memgpt.config);
  const embedding = configuredEmbedding(memgpt);
  const configured: Used = { settings: { model, endpoint, contextWindow, options, embedding }, agents: [], users: [] };
  // Another check reports a database that is out of reach.
  const agents = await memgpt.listAgents().catch(() => []);
  const names = agents.map(({ name }) => name).sort();
  const used = await Promise.all(
    names.map(async (name) => {
      const state = await memgpt.readAgent(name, (store) => store.load()).catch(() => undefined);
      return state === undefined ? [] : [{ settings: state.settings, agents: [name], users: [name] }];
    }),
  );
  return [configured, ...used.flat()];
}

function configuredEmbedding({ config }: MemGPT): EmbeddingSettings | string {
  try {
    return embeddingSettingsOf(config);
  } catch (error) {
    return describe(error);
  }
}

/** @throws MemGPTError `agent_not_found`, `storage_failed`. */
async function inUseBy(memgpt: MemGPT, agent: string): Promise<Used[]> {
  const state = await memgpt.readAgent(agent, (store) => store.load());
  if (state !== undefined) return [{ settings: state.settings, agents: [], users: [agent] }];
  throw new MemGPTError(
    "storage_failed",
    `The database of ${agent} is empty. Run memgpt doctor --repair to restore it.`,
  );
}

/** The practice model has no endpoint, whatever the settings say. */
function placeOf({ model, endpoint }: Used["settings"]): unknown {
  return model === "practice" ? [model] : [model, endpoint];
}

/** Merges equal settings and the names of their agents. The configured settings come first and stay without `agents`. */
function distinct(used: readonly Used[], keyOf: (settings: Used["settings"]) => unknown): Used[] {
  const found = new Map<string, Used>();
  for (const entry of used) {
    const key = JSON.stringify(keyOf(entry.settings));
    const before = found.get(key);
    const { settings, agents, users } = before ?? { ...entry, agents: [], users: [] };
    const isConfigured = before !== undefined && agents.length === 0;
    const named = isConfigured ? [] : [...agents, ...entry.agents];
    found.set(key, { settings, agents: named, users: [...users, ...entry.users] });
  }
  return [...found.values()];
}

async function* about(
  agents: readonly string[],
  checks: AsyncGenerator<Check, void, void>,
): AsyncGenerator<Check, void, void> {
  for await (const check of checks) yield agents.length === 0 ? check : { agents, ...check };
}

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;
const MOST_NAMES = 3;

function line({ name, status, detail, advice, agents = [] }: Check): string {
  const more = agents.length > MOST_NAMES ? ` and ${agents.length - MOST_NAMES} more` : "";
  const whose = agents.length === 0 ? "" : ` (${agents.slice(0, MOST_NAMES).join(", ")}${more})`;
  return `${MARKS[status]}  ${name}${whose}: ${detail}${advice === undefined ? "" : `\n      ${advice}`}`;
}
