import {
  type ConfigChanges,
  HOSTED_PROVIDERS,
  type ListedModel,
  type ModelChoice,
  type Provider,
  hostedAt,
  listModels,
  redacted,
  tryFunctions,
} from "../../index.ts";
import { describe } from "../../errors.ts";
import { type ChosenKey, type Session, askKey, firstly, isSomething, isUrl, say, withPath } from "./asking.ts";
import type { Option, Questions } from "./questions.ts";
import { SMALLEST_WINDOW, chatFirst, windowOf } from "./servers.ts";

/** A model at an endpoint (null: OpenAI), with a key if a new one was given. */
export type Chosen = {
  readonly provider: Provider | undefined;
  readonly endpoint: string | null;
  readonly apiVersion: string | null;
} & ChosenKey;

/** A place that models are at: a provider, any other endpoint, or nowhere. */
export type Place = Provider | "custom" | "practice";

/** A model by its name at its server. `contextWindow` is in tokens. */
export type ChosenModel = { readonly model: string; readonly contextWindow: number };

/** Long, for a model that is not loaded yet. */
const TRIAL_TIMEOUT = 60_000;

/** Where the model is. */
export async function askPlace({ memgpt, ask, servers, local }: Session): Promise<Place> {
  const isSet = (endpoint: string | null): string => {
    const found = endpoint === null ? undefined : memgpt.credentials.keyFor(endpoint);
    return found === undefined ? "" : ` (key ${redacted(found.key)} from ${found.origin})`;
  };
  const silent = local.filter(({ id }) => !servers.some(({ provider }) => provider.id === id));
  const options: Option<Place>[] = [
    ...servers.map(({ provider, models }) => ({
      value: provider,
      name: `${provider.name}, which answers on this machine (${models.length} ${models.length === 1 ? "model" : "models"})`,
    })),
    ...HOSTED_PROVIDERS.map((provider) => ({ value: provider, name: `${provider.name}${isSet(provider.endpoint)}` })),
    ...silent.map((provider) => ({
      value: provider,
      name: `${provider.name} (not answering on port ${provider.port ?? "?"})`,
    })),
    { value: "custom", name: "another OpenAI-compatible endpoint" },
    { value: "practice", name: "the practice model, built in: rule-based, offline" },
  ];
  return ask.select("Where is the model?", options, presentPlace(memgpt, options));
}

/** The place that is configured now. */
function presentPlace({ config, origins }: Session["memgpt"], options: readonly Option<Place>[]): Place | undefined {
  if (origins["model"]?.from === "default") return undefined;
  if (config.model === "practice") return "practice";
  const at = options.find(
    ({ value }) => typeof value !== "string" && value.port !== null && value.endpoint === config.model_endpoint,
  );
  const hosted = hostedAt(config.model_endpoint);
  return at?.value ?? options.find(({ value }) => value === hosted)?.value ?? "custom";
}

/** Endpoint and key of a place. */
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
    if (endpoint !== answer.replace(/\/+$/, "")) say(`Taken as ${endpoint}.`);
  }
  const apiVersion = endpoint !== null && /\/deployments\//.test(endpoint) ? await askVersion(memgpt, ask) : null;
  return { provider, endpoint, apiVersion, ...(await askKey({ memgpt, ask }, endpoint, isService)) };
}

async function askVersion({ config }: Session["memgpt"], ask: Questions): Promise<string> {
  return ask.input("api-version of the deployment:", {
    initial: config.api_version ?? "2024-10-21",
    validate: isSomething,
  });
}

/** The model and its window. A list that cannot be had is no reason to stop. */
export async function askModel(
  { memgpt, ask, signal }: Pick<Session, "memgpt" | "ask" | "signal">,
  { provider, endpoint, key, apiVersion }: Chosen,
): Promise<ChosenModel> {
  const probe = { endpoint, key, apiVersion, headers: memgpt.config.extra_headers, signal };
  let listed: readonly ListedModel[] = [];
  try {
    listed = await listModels(probe);
  } catch (error) {
    signal.throwIfAborted();
    say(`${describe(error)} Type the model's name instead.`);
  }
  const { model: present, model_endpoint: presentEndpoint } = memgpt.config;
  const isSame = present !== "practice" && presentEndpoint === endpoint;
  const initial = (isSame ? present : undefined) ?? deployment(endpoint) ?? provider?.model ?? undefined;
  const names = chatFirst(listed);
  const model =
    names.length === 0
      ? await ask.input("Model:", { ...(initial === undefined ? {} : { initial }), validate: isSomething })
      : await ask.search("Model (type to search, or any other name):", firstly(names, initial));
  const { most, suggested } = await windowOf({ provider, model }, probe, listed);
  if (most !== undefined && most < SMALLEST_WINDOW) {
    say(
      `The server gives it only ${most} tokens; an agent needs ${SMALLEST_WINDOW}: start the server with a larger context.`,
    );
  }
  const known =
    most === undefined ? "not known; the server's documentation says" : `at most ${most.toLocaleString("en-US")}`;
  const isKept = isSame && model === present && memgpt.origins["context_window"]?.from === "file";
  const window = await ask.input(`Context window in tokens (${known}):`, {
    initial: String(isKept ? memgpt.config.context_window : Math.max(suggested, SMALLEST_WINDOW)),
    validate: isWindow,
  });
  return { model, contextWindow: Number(window) };
}

/** What new agents are made of, each by its name or as the preset says. */
export async function askAgent({ memgpt, ask }: Session): Promise<ConfigChanges> {
  const { config } = memgpt;
  const names = (kind: "personas" | "humans"): string[] => memgpt.listResources(kind).map(({ name }) => name);
  const options = (list: readonly string[]): Option<string | null>[] => [
    { value: null, name: "the preset's own" },
    ...list.map((name) => ({ value: name, name })),
  ];
  const presets = memgpt.listResources("presets").map(({ name, description }) => ({
    value: name,
    name: description === undefined ? name : `${name}: ${description}`,
  }));
  const preset = await ask.select("Preset of new agents:", presets, config.preset);
  const persona = await ask.select("Persona of new agents:", options(names("personas")), config.persona);
  const human = await ask.select("What new agents know of you:", options(names("humans")), config.human);
  return { preset, persona, human };
}

/** One call with a function. @returns whether it worked. */
export async function testModel({ memgpt, signal }: Session, choice: ModelChoice): Promise<boolean> {
  say(`Asking ${choice.model} to call a function …`);
  try {
    const { how, seconds } = await tryFunctions(choice, { config: memgpt.config, timeout: TRIAL_TIMEOUT, signal });
    const time = `It answered in ${seconds.toFixed(1)} s.`;
    if (how === "native") say(`${time} Function calling works.`);
    if (how === "json") say(`${time} It has no function calling of its own; JSON in its text works instead.`);
    if (how === "none") say(`${time} It did not call the function: an agent can hardly work with it.`);
    return how !== "none";
  } catch (error) {
    signal.throwIfAborted();
    say(`That did not work: ${describe(error)}`);
    return false;
  }
}

/** The name of the deployment that an endpoint of Azure is of. */
function deployment(endpoint: string | null): string | undefined {
  return /\/deployments\/([^/]+)/.exec(endpoint ?? "")?.[1];
}

function isWindow(text: string): string | true {
  const isOne = /^\d{1,9}$/.test(text.trim()) && Number(text) >= SMALLEST_WINDOW;
  return isOne || `It must be a whole number of tokens, ${SMALLEST_WINDOW} or more.`;
}
