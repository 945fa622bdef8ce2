import {
  HOSTED_PROVIDERS,
  type LocalServer,
  MemGPT,
  OPENAI_ENDPOINT,
  type Provider,
  findLocalServers,
  isLoopback,
  redacted,
} from "../../index.ts";
import type { RunOptions } from "./run-options.ts";
import { type Setup, apply } from "./apply.ts";
import { type Option, Questions } from "./questions.ts";
import { SMALLEST_WINDOW } from "../../schema/limits.ts";
import { chatModels, localProviders, windowOf } from "./servers.ts";
import { type Place, askEndpoint, askModel } from "./wizard.ts";
import { print } from "../terminal/print.ts";

/**
 * On the first run, without configuration and agents, offers the models that are available; Enter accepts the first.
 * Later runs do not ask.
 *
 * @returns the home with the new configuration.
 * @throws SetupCancelled if the person cancels; nothing was written.
 */
export async function firstRun(memgpt: MemGPT, options: RunOptions, signal: AbortSignal): Promise<MemGPT> {
  if (!(await isUnconfigured(memgpt, options))) return memgpt;
  const servers = await findLocalServers(localProviders(), { signal });
  const setup = await menu({ memgpt, ask: new Questions(signal), servers, signal });
  if (setup === undefined) return memgpt;
  for (const line of apply(memgpt, setup)) print(line);
  return MemGPT.open();
}

/** Whether no file, environment variable, flag or existing agent names a model yet. */
async function isUnconfigured(memgpt: MemGPT, options: RunOptions): Promise<boolean> {
  const { model, modelEndpoint, resume, yes } = options;
  if (yes === true || resume === true || model !== undefined || modelEndpoint !== undefined) return false;
  // A menu needs cursor movement.
  if (process.env["TERM"] === "dumb") return false;
  return memgpt.origins["model"]?.from === "default" && (await memgpt.listAgents()).length === 0;
}

type Asking = {
  readonly memgpt: MemGPT;
  readonly ask: Questions;
  readonly servers: readonly LocalServer[];
  readonly signal: AbortSignal;
};

type Answer = LocalServer | Provider | "configured" | "other" | "practice";

/** @returns what to write; undefined for the practice model, which needs no setup. */
async function menu(asking: Asking): Promise<Setup | undefined> {
  const { memgpt, ask, servers } = asking;
  const openAi = HOSTED_PROVIDERS.find(({ endpoint }) => endpoint === OPENAI_ENDPOINT);
  const key = memgpt.credentials.keyFor(null);
  const keyText = key === undefined ? " (asks for a key)" : ` (${key.origin} is set: ${redacted(key.key)})`;
  const { model_endpoint: configured } = memgpt.config;
  const options: Option<Answer>[] = [
    ...(configured === null ? [] : [{ value: "configured" as const, name: `the server at ${configured}` }]),
    ...servers.map((server) => ({ value: server, name: serverText(server) })),
    ...(openAi === undefined ? [] : [{ value: openAi, name: `OpenAI, ${openAi.model ?? ""}${keyText}` }]),
    { value: "other", name: "another: OpenRouter, Groq, Together, Azure, or any OpenAI-compatible server" },
    { value: "practice", name: "the practice model: built in, offline, rule-based; good for a first look" },
  ];
  const usable = configured !== null || servers.length > 0 || key !== undefined;
  print("No model is set up yet. `memgpt configure` changes this choice at any time.");
  const answer = await ask.select(
    "Which model should your agent use?",
    options,
    usable ? options[0]?.value : "practice",
  );
  if (answer === "practice") return undefined;
  if (answer === "configured") return configuredServer(asking);
  if (answer === "other") return other(asking);
  return "models" in answer ? localServer(asking, answer) : service(asking, answer);
}

function serverText({ provider, models }: LocalServer): string {
  const [first, ...more] = chatModels(models);
  const what = first === undefined ? "no model loaded yet" : more.length === 0 ? first : `${more.length + 1} models`;
  return `${provider.name} on this machine (${what})`;
}

async function localServer({ ask, signal }: Asking, { provider, endpoint, models }: LocalServer): Promise<Setup> {
  const [first, ...more] = chatModels(models);
  const typed = async (): Promise<string> =>
    ask.input("Model:", { validate: (text) => text.trim() !== "" || "It must not be empty." });
  const model =
    first === undefined ? await typed() : more.length === 0 ? first : await ask.search("Model:", [first, ...more]);
  const { most, suggested } = await windowOf({ provider, model }, { endpoint, signal }, models);
  if (most !== undefined && most < SMALLEST_WINDOW) {
    print(
      `The server limits it to ${most} tokens, but an agent needs ${SMALLEST_WINDOW}: start the server with a larger context.`,
    );
  }
  const window = Math.max(suggested, SMALLEST_WINDOW);
  return { changes: { model, model_endpoint: endpoint, context_window: window } };
}

/** A service with a default model: asks only for a missing key. */
async function service({ memgpt, ask, signal }: Asking, provider: Provider): Promise<Setup> {
  const endpoint = provider.endpoint === OPENAI_ENDPOINT ? null : provider.endpoint;
  const hasKey = memgpt.credentials.keyFor(endpoint) !== undefined;
  const chosen = hasKey ? undefined : await askEndpoint({ memgpt, ask }, provider);
  const model = provider.model ?? "";
  const { suggested } = await windowOf({ provider, model }, { endpoint, signal }, []);
  const changes = { model, model_endpoint: endpoint, context_window: suggested };
  return { changes, keys: chosen?.newKey === undefined ? [] : [{ endpoint, key: chosen.newKey }] };
}

async function configuredServer({ memgpt, ask, signal }: Asking): Promise<Setup> {
  const endpoint = memgpt.config.model_endpoint;
  const key = isLoopback(endpoint) ? undefined : memgpt.credentials.keyFor(endpoint)?.key;
  const chosen = { provider: undefined, endpoint, apiVersion: memgpt.config.api_version, key, newKey: undefined };
  const { model, contextWindow } = await askModel({ memgpt, ask, signal }, chosen);
  return { changes: { model, model_endpoint: endpoint, context_window: contextWindow } };
}

async function other({ memgpt, ask, signal }: Asking): Promise<Setup> {
  const places: Option<Exclude<Place, "practice">>[] = [
    ...HOSTED_PROVIDERS.filter(({ endpoint }) => endpoint !== OPENAI_ENDPOINT).map((value) => ({
      value,
      name: value.name,
    })),
    { value: "custom", name: "another OpenAI-compatible server" },
  ];
  const chosen = await askEndpoint({ memgpt, ask }, await ask.select("Which one?", places));
  const { model, contextWindow } = await askModel({ memgpt, ask, signal }, chosen);
  const { endpoint, apiVersion, newKey } = chosen;
  const changes = { model, model_endpoint: endpoint, context_window: contextWindow, api_version: apiVersion };
  return { changes, keys: newKey === undefined ? [] : [{ endpoint, key: newKey }] };
}
