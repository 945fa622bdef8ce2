import { describe, didYouMean } from "../../errors.ts";
import {
  type Config,
  type ConfigKey,
  MemGPT,
  MemGPTError,
  OPENAI_ENDPOINT,
  type Origin,
  checkDatabaseUrl,
  configSchema,
  embeddingSettingsOf,
  findLocalServers,
  parseSetting,
  redacted,
  shownDatabase,
  storeKey,
  updateConfig,
} from "../../index.ts";
import { jsonText } from "../terminal/json-text.ts";
import { openHome } from "../terminal/open-home.ts";
import { print } from "../terminal/print.ts";
import { apply, overridden, shown } from "../setup/apply.ts";
import { EXIT_CODES } from "../terminal/report-error.ts";
import { onInterrupt } from "../setup/interrupt.ts";
import { Questions, SetupCancelled } from "../setup/questions.ts";
import { localProviders } from "../setup/servers.ts";
import { wholeStream } from "../terminal/whole-stream.ts";
import { wizard } from "../setup/interview.ts";

const MOST_KEY_BYTES = 64 * 1024;

const INTERRUPTED = EXIT_CODES.interrupted;

/** `memgpt configure`. @returns the exit code. */
export async function configure({ showOrigin, json }: { showOrigin?: boolean; json?: boolean }): Promise<number> {
  const memgpt = await openHome();
  if (showOrigin === true) {
    showOrigins(memgpt, json === true);
    return 0;
  }
  if (json === true) throw new MemGPTError("invalid_input", "--json works only with --show-origin.");
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new MemGPTError(
      "invalid_input",
      "memgpt configure needs a terminal. Use `memgpt configure set KEY VALUE` or `memgpt quickstart --backend NAME` instead.",
    );
  }
  return interview(memgpt);
}

async function interview(memgpt: MemGPT): Promise<number> {
  const { signal, stop } = onInterrupt();
  try {
    const local = localProviders();
    const servers = await findLocalServers(local, { signal });
    const setup = await wizard({ memgpt, ask: new Questions(signal), servers, local, signal });
    if (setup === undefined) {
      process.stdout.write("Nothing was changed.\n");
      return 0;
    }
    print(
      ...apply(memgpt, setup),
      `Agents are stored in ${memgpt.database?.url ?? `${memgpt.home.agents}, each in a SQLite database`}.`,
      "Existing agents keep their settings: /model changes an agent's model, memgpt reindex its embeddings.",
    );
    return 0;
  } catch (error) {
    if (!(error instanceof SetupCancelled) && !signal.aborted) throw error;
    process.stdout.write("\nCancelled: nothing was changed.\n");
    return INTERRUPTED;
  } finally {
    stop();
  }
}

type SetOptions = { readonly unset?: boolean; readonly endpoint?: string };

/** `memgpt configure set KEY VALUE`. A key goes to `credentials.json`, everything else to `config.json`. */
export async function configureSet(name: string, value: string | undefined, options: SetOptions): Promise<void> {
  const memgpt = await openHome();
  const isUnset = options.unset === true || value === "null";
  if (!isUnset && value === undefined) {
    throw new MemGPTError("invalid_input", `${name} needs a value, or --unset. Nothing was changed.`);
  }
  if (isUnset && value !== undefined && value !== "null") {
    throw new MemGPTError("invalid_input", "Give a value or --unset, not both. Nothing was changed.");
  }
  if (name === "api_key" || name === "openai_api_key") {
    await setKey(memgpt, name, isUnset ? undefined : value, options.endpoint);
    return;
  }
  if (options.endpoint !== undefined) {
    throw new MemGPTError("invalid_input", "--endpoint works only with api_key. Nothing was changed.");
  }
  const key = settingNamed(name);
  const parsed = isUnset || value === undefined ? null : parseSetting(key, withoutSlashes(key, value));
  if ((key === "preset" || key === "persona" || key === "human") && parsed !== null) {
    checkResource(memgpt, key, shown(parsed));
  }
  if (key === "database" && typeof parsed === "string") checkDatabaseUrl(parsed);
  updateConfig(memgpt.home, { [key]: parsed });
  const display = (setting: unknown): string => shown(withoutSecrets(key, setting));
  const now = parsed === null ? `the default, ${shown(configSchema.shape[key].parse(undefined))}` : display(parsed);
  print(
    `${key} is now ${now}; it was ${display(memgpt.config[key])}.`,
    ...overridden(process.env, { [key]: parsed }),
    ...embeddingLines(key, (await MemGPT.open()).config),
  );
}

/** What the new embedding still needs, or how to switch existing agents to it. */
function embeddingLines(key: ConfigKey, config: Config): string[] {
  if (!key.startsWith("embedding")) return [];
  try {
    embeddingSettingsOf(config);
    return ["It applies to new agents; `memgpt reindex NAME` switches an existing one."];
  } catch (error) {
    return [describe(error)];
  }
}

function withoutSlashes(key: string, value: string): string {
  return key === "model_endpoint" || key === "embedding_endpoint" ? value.replace(/\/+$/, "") : value;
}

function settingNamed(name: string): ConfigKey {
  const keys = Object.keys(configSchema.shape) as ConfigKey[];
  const key = keys.find((candidate) => candidate === name);
  if (key !== undefined) return key;
  throw new MemGPTError(
    "invalid_input",
    `No setting named ${name}.${didYouMean(name, keys)} Settings: ${keys.join(", ")}. Nothing was changed.`,
  );
}

function checkResource(memgpt: MemGPT, kind: "preset" | "persona" | "human", name: string): void {
  const names = memgpt.resources.list(`${kind}s`).map((resource) => resource.name);
  if (names.includes(name)) return;
  throw new MemGPTError(
    "not_found",
    `No ${kind} named ${name}.${didYouMean(name, names)} Available: ${names.join(", ")}. Nothing was changed.`,
  );
}

/** `-` reads the key from standard input, out of sight of the shell's history and of other users of the machine. */
async function setKey(
  memgpt: MemGPT,
  name: "api_key" | "openai_api_key",
  value: string | undefined,
  endpoint: string | undefined,
): Promise<void> {
  const { home, config, origins } = memgpt;
  if (name === "openai_api_key" && endpoint !== undefined) {
    throw new MemGPTError(
      "invalid_input",
      "openai_api_key is for OpenAI; --endpoint goes with api_key. Nothing was changed.",
    );
  }
  const target = name === "openai_api_key" ? null : (endpoint ?? config.model_endpoint);
  const key = value === "-" ? (await wholeStream(process.stdin, MOST_KEY_BYTES)).toString("utf8").trim() : value;
  if (key === "") throw new MemGPTError("invalid_input", "Standard input contained no key. Nothing was changed.");
  storeKey(home, target, key);
  if (name === "openai_api_key" && origins["openai_api_key"]?.from === "file")
    updateConfig(home, { openai_api_key: null });
  const owner = target ?? OPENAI_ENDPOINT;
  const what =
    key === undefined ? `The key for ${owner} was removed from` : `The key ${redacted(key)} for ${owner} is now in`;
  print(`${what} ${home.credentialsFile}.`);
}

/** Prints every setting with its value and source, then the keys, shortened. */
function showOrigins(memgpt: MemGPT, json: boolean): void {
  const { home, config, origins, credentials } = memgpt;
  const settings = (Object.keys(configSchema.shape) as ConfigKey[]).map((key) => {
    const origin: Origin = origins[key] ?? { from: "default" };
    return { key, value: withoutSecrets(key, config[key]), ...origin };
  });
  const endpoints = [
    ...new Set([config.model_endpoint ?? OPENAI_ENDPOINT, ...embeddingEndpoint(config), ...credentials.stored.keys()]),
  ];
  const keys = endpoints.map((endpoint) => {
    const found = credentials.keyFor(endpoint);
    return { endpoint, key: found === undefined ? null : redacted(found.key), from: found?.origin ?? null };
  });
  if (json) {
    process.stdout.write(`${jsonText({ home: home.root, file: home.configFile, settings, keys }, 2)}\n`);
    return;
  }
  const rows = [
    ...settings.map((setting) => [setting.key, shown(setting.value), originText(setting)] as const),
    ...keys.map(({ endpoint, key, from }) => [`key for ${endpoint}`, key ?? "none", from ?? "-"] as const),
  ];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  print(
    `Home ${home.root}; flags of memgpt run override these settings.`,
    ...rows.map(
      ([name, value, origin]) => `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${origin}`,
    ),
  );
}

function embeddingEndpoint({ embedding, embedding_endpoint: endpoint }: Config): string[] {
  return embedding === "openai" && endpoint !== null ? [endpoint] : [];
}

function originText(origin: Origin): string {
  return origin.from === "environment" ? `environment, ${origin.variable}` : origin.from;
}

const SECRET_NAME = /api-?_?key|secret|password|authorization|^token$|(access|auth)_?-?token/i;

/** `value` with its secrets shortened. */
function withoutSecrets(key: string, value: unknown): unknown {
  if (key === "database" && typeof value === "string") return shownDatabase(value);
  // This setting says how secrets are treated; its value is not one.
  if (key === "secrets" && configSchema.shape.secrets.safeParse(value).success) return value;
  if (typeof value === "string") return SECRET_NAME.test(key) ? redacted(value) : value;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(key, item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withoutSecrets(name, item)]));
}
