import {
  type ConfigChanges,
  HOSTED_PROVIDERS,
  type ListedModel,
  type ModelChoice,
  type Provider,
  answerBoundsOf,
  hostedAt,
  listModels,
  redacted,
  tryFunctions,
} from "../../index.ts";
import { describe } from "../../errors.ts";
import { type ChosenKey, type Session, askKey, withFirst, isNotEmpty, isUrl, withPath } from "./asking.ts";
import type { Option, Questions } from "./questions.ts";
import { SMALLEST_WINDOW } from "../../schema/limits.ts";
import { chatFirst, windowOf } from "./servers.ts";
import { print } from "../terminal/print.ts";

/** An endpoint (null: OpenAI) with its key. */
export type Chosen = {
  readonly provider: Provider | undefined;
  readonly endpoint: string | null;
  readonly apiVersion: string | null;
} & ChosenKey;

/** Where a model runs: at a provider, at another endpoint, or built in. */
export type Place = Provider | "custom" | "practice";

/** A model's name at its server. `contextWindow` is in tokens. */
export type ChosenModel = { readonly model: string; readonly contextWindow: number };

/** Long, because the server may have to load the model first. */
const TRIAL_TIMEOUT_MS = 60_000;

/** Asks where the model runs. */
export async function askPlace({ memgpt, ask, servers, local }: Session): Promise<Place> {
  const keyText = (endpoint: string | null): string => {
    const found = endpoint === null ? undefined : memgpt.credentials.keyFor(endpoint);
    return found === undefined ? "" : ` (key ${redacted(found.key)} from ${found.origin})`;
  };
  const silent = local.filter(({ id }) => !servers.some(({ provider }) => provider.id === id));
  const options: Option<Place>[] = [
    ...servers.map(({ provider, models }) => ({
      value: provider,
      name: `${provider.name} on this machine (${models.length} ${models.length === 1 ? "model" : "models"})`,
    })),
    ...HOSTED_PROVIDERS.map((provider) => ({ value: provider, name: `${provider.name}${keyText(provider.endpoint)}` })),
    ...silent.map((provider) => ({
      value: provider,
      name: `${provider.name} (not answering on port ${provider.port ?? "?"})`,
    })),
    { value: "custom", name: "another OpenAI-compatible endpoint" },
    { value: "practice", name: "the practice model: built in, offline, rule-based" },
  ];
  return ask.select("Where does the model run?", options, presentPlace(memgpt, options));
}

/** The place configured now. */
function presentPlace({ config, origins }: Session["memgpt"], options: readonly Option<Place>[]): Place | undefined {
  if (origins["model"]?.from === "default") return undefined;
  if (config.model === "practice") return "practice";
  const local = options.find(
    ({ value }) => typeof value !== "string" && value.port !== null && value.endpoint === config.model_endpoint,
  );
  const hosted = hostedAt(config.model_endpoint);
  return local?.value ?? options.find(({ value }) => value === hosted)?.value ?? "custom";
}

/** Asks for the endpoint and key of a place. */
export async function askEndpoint(
  { memgpt, ask }: Pick<Session, "memgpt" | "ask">,
  place: Provider | "custom",
): Promise<Chosen> {
  const provider = place === "custom" ? undefined : place;
  const isService = provider?.keyVariable !== undefined && provider.keyVariable !== null;
  let endpoint: string | null = provider?.endpoint ?? null;
  if (provider?.id === "openai") endpoint = null;
  else if (!isService || endpoint === null) {
    const present = memgpt.config.model_endpoint;
    const isPresent = present !== null && (provider === undefined || hostedAt(present)?.id === provider.id);
    const initial = endpoint ?? (isPresent ? present : undefined);
    const hint =
      provider?.id === "azure" ? " (https://NAME.openai.azure.com/openai/v1, or …/openai/deployments/NAME)" : "";
    const answer = await ask.input(`Endpoint${hint}:`, {
      ...(initial === undefined ? {} : { initial }),
      validate: isUrl,
    });
    endpoint = withPath(answer);
    if (endpoint !== answer.replace(/\/+$/, "")) print(`Using ${endpoint}.`);
  }
  const apiVersion = endpoint !== null && /\/deployments\//.test(endpoint) ? await askVersion(memgpt, ask) : null;
  return { provider, endpoint, apiVersion, ...(await askKey({ memgpt, ask }, endpoint, isService)) };
}

async function askVersion({ config }: Session["memgpt"], ask: Questions): Promise<string> {
  return ask.input("api-version of the deployment:", {
    initial: config.api_version ?? "2024-10-21",
    validate: isNotEmpty,
  });
}

/** Asks for the model and its window; by name if the server's list is unavailable. */
export async function askModel(
  { memgpt, ask, signal }: Pick<Session, "memgpt" | "ask" | "signal">,
  { provider, endpoint, key, apiVersion }: Chosen,
): Promise<ChosenModel> {
  const probe = { endpoint, apiKey: key ?? null, apiVersion, headers: memgpt.config.extra_headers, signal };
  let listed: readonly ListedModel[] = [];
  try {
    listed = await listModels(probe);
  } catch (error) {
    signal.throwIfAborted();
    print(`${describe(error)} Type the model's name instead.`);
  }
  const { model: present, model_endpoint: presentEndpoint } = memgpt.config;
  const isSame = present !== "practice" && presentEndpoint === endpoint;
  const initial = (isSame ? present : undefined) ?? deployment(endpoint) ?? provider?.model ?? undefined;
  const names = chatFirst(listed);
  const model =
    names.length === 0
      ? await ask.input("Model:", { ...(initial === undefined ? {} : { initial }), validate: isNotEmpty })
      : await ask.search("Model (type to search, or enter another name):", withFirst(names, initial));
  const { most, suggested } = await windowOf({ provider, model }, probe, listed);
  if (most !== undefined && most < SMALLEST_WINDOW) {
    print(
      `The server limits it to ${most} tokens, but an agent needs ${SMALLEST_WINDOW}: start the server with a larger context.`,
    );
  }
  const known =
    most === undefined ? "unknown; see the server's documentation" : `at most ${most.toLocaleString("en-US")}`;
  const isKept = isSame && model === present && memgpt.origins["context_window"]?.from === "file";
  const window = await ask.input(`Context window in tokens (${known}):`, {
    initial: String(isKept ? memgpt.config.context_window : Math.max(suggested, SMALLEST_WINDOW)),
    validate: isWindow,
  });
  return { model, contextWindow: Number(window) };
}

/** Asks for preset, persona and human of new agents. */
export async function askAgent({ memgpt, ask }: Session): Promise<ConfigChanges> {
  const { config } = memgpt;
  const names = (kind: "personas" | "humans"): string[] => memgpt.resources.list(kind).map(({ name }) => name);
  const options = (list: readonly string[]): Option<string | null>[] => [
    { value: null, name: "the preset's own" },
    ...list.map((name) => ({ value: name, name })),
  ];
  const presets = memgpt.resources.list("presets").map(({ name, description }) => ({
    value: name,
    name: description === undefined ? name : `${name}: ${description}`,
  }));
  const preset = await ask.select("Preset of new agents:", presets, config.preset);
  const persona = await ask.select("Persona of new agents:", options(names("personas")), config.persona);
  const human = await ask.select("What new agents know about you:", options(names("humans")), config.human);
  return { preset, persona, human };
}

/** Lets the model call a function once. @returns whether it worked. */
export async function testModel({ memgpt, signal }: Session, choice: ModelChoice): Promise<boolean> {
  print(`Asking ${choice.model} to call a function …`);
  try {
    const { how, seconds } = await tryFunctions(choice, {
      bounds: answerBoundsOf(memgpt.config),
      timeout: TRIAL_TIMEOUT_MS,
      signal,
    });
    const time = `It answered in ${seconds.toFixed(1)} s.`;
    if (how === "native") print(`${time} Function calling works.`);
    if (how === "json") print(`${time} It has no native function calling, but JSON in its text works.`);
    if (how === "none") print(`${time} It did not call the function; an agent needs a model that does.`);
    return how !== "none";
  } catch (error) {
    signal.throwIfAborted();
    print(`That did not work: ${describe(error)}`);
    return false;
  }
}

/** The deployment's name in an Azure endpoint. */
function deployment(endpoint: string | null): string | undefined {
  return /\/deployments\/([^/]+)/.exec(endpoint ?? "")?.[1];
}

function isWindow(text: string): string | true {
  const isValid = /^\d{1,9}$/.test(text.trim()) && Number(text) >= SMALLEST_WINDOW;
  return isValid || `Enter a whole number of tokens, ${SMALLEST_WINDOW} or more.`;
}
