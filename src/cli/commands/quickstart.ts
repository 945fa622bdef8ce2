import {
  type Config,
  type ConfigChanges,
  HOSTED_PROVIDERS,
  type ListedModel,
  type MemGPT,
  MemGPTError,
  OPENAI_ENDPOINT,
  PROVIDERS,
  type Probe,
  type Provider,
  hostedAt,
  identify,
  listModels,
  modelOptionsOf,
} from "../../index.ts";
import { LlmError, describe } from "../../errors.ts";
import { openHome } from "../terminal/open-home.ts";
import { apply } from "../setup/apply.ts";
import { withPath } from "../setup/asking.ts";
import { SMALLEST_WINDOW } from "../../schema/limits.ts";
import { chatModels, embeddingModels, localProviders, windowOf } from "../setup/servers.ts";
import { counted } from "../terminal/one-line.ts";
import { print, warn } from "../terminal/print.ts";

const NEXT = "Run `memgpt run` to talk, `memgpt doctor` to test it.";

export type QuickstartOptions = {
  /** Exactly one of `backend` and `url` is given. */
  readonly backend?: string;
  readonly url?: string | undefined;
  readonly model?: string;
  readonly embedding?: Config["embedding"];
};

/** `memgpt quickstart`: sets up a provider without questions. */
export async function quickstart({ backend, url, model, embedding }: QuickstartOptions): Promise<void> {
  const memgpt = await openHome();
  if (backend === "practice") {
    const embedded = embeddingChanges(memgpt, embedding, { endpoint: null, listed: [] });
    const changes = { model: "practice", model_endpoint: null, ...embedded };
    const openAi =
      embedding === "openai" ? HOSTED_PROVIDERS.filter(({ endpoint }) => endpoint === OPENAI_ENDPOINT) : [];
    print(
      ...apply(memgpt, { changes }),
      ...openAi.flatMap((provider) => keyLines(memgpt, { ...provider, name: "OpenAI, which embeds," }, null)),
      NEXT,
    );
    return;
  }
  const place = url === undefined ? await atBackend(memgpt, backend, model) : await atUrl(memgpt, url, model);
  const { provider, endpoint, listed, probe } = place;
  const name = chosen(provider, listed, model);
  const { suggested } = await windowOf({ provider, model: name }, probe, listed);
  const window = Math.max(suggested, SMALLEST_WINDOW);
  const embedded = embeddingChanges(memgpt, embedding, place);
  const changes = { model: name, model_endpoint: endpoint, context_window: window, api_version: null, ...embedded };
  print(
    ...(url === undefined ? [] : foundLines(place)),
    ...apply(memgpt, { changes }),
    ...keyLines(memgpt, provider, endpoint),
    NEXT,
  );
}

async function atBackend(memgpt: MemGPT, backend: string | undefined, model: string | undefined): Promise<Found> {
  const provider = [...HOSTED_PROVIDERS, ...localProviders(), ...PROVIDERS].find(({ id }) => id === backend);
  if (provider === undefined) throw new MemGPTError("invalid_input", `No backend named ${backend ?? ""}.`);
  const endpoint = provider.endpoint === OPENAI_ENDPOINT ? null : provider.endpoint;
  const keyed = probeOf(memgpt, endpoint);
  // Any program may listen on a local port: it gets no key.
  const probe = provider.port === null ? keyed : { ...keyed, apiKey: null };
  return { provider, endpoint, probe, listed: await models(probe, provider, model) };
}

/** The server at `url`, which may lack the `/v1` that nearly all servers use. */
async function atUrl(memgpt: MemGPT, url: string, model: string | undefined): Promise<Found> {
  const hosted = hostedAt(url);
  if (hosted?.id === "azure" && !/\/v\d+$/.test(url)) {
    const message = "Azure OpenAI needs an api-version. Nothing was changed; `memgpt configure` asks for it.";
    throw new MemGPTError("invalid_input", message);
  }
  const given = withPath(url);
  const server = hosted ?? { ...UNKNOWN, name: given, endpoint: given };
  if (!/\/v\d+$/.test(given)) {
    const probe = probeOf(memgpt, `${given}/v1`);
    const listed = await listModels(probe).catch(() => undefined);
    if (listed !== undefined) return identified(server, probe, listed);
  }
  const probe = probeOf(memgpt, hosted?.endpoint === OPENAI_ENDPOINT ? null : given);
  return identified(server, probe, await models(probe, server, model));
}

async function identified(server: Provider, probe: Probe, listed: readonly ListedModel[]): Promise<Found> {
  const { endpoint } = probe;
  const known = endpoint === null || listed.length === 0 ? undefined : await identify(probe);
  return { provider: known ?? server, endpoint, probe, listed };
}

/** A server of unknown kind. */
const UNKNOWN = { id: "other", keyVariable: null, port: null, model: null, embedding: null } as const;

function probeOf({ config, credentials }: MemGPT, endpoint: string | null): Probe {
  return credentials.modelConnection({ endpoint, options: { ...modelOptionsOf(config), apiVersion: null } });
}

function foundLines({ provider, endpoint, listed }: Found): string[] {
  if (listed.length === 0) return [];
  const what = provider.id === UNKNOWN.id ? "an OpenAI-compatible server" : provider.name;
  const more = listed.length === 1 ? "" : " (--model NAME picks another)";
  return [`Found ${what} at ${endpoint ?? OPENAI_ENDPOINT} with ${counted(listed.length, "model")}${more}.`];
}

type Found = Place & { readonly provider: Provider; readonly probe: Probe };

type Place = {
  readonly provider?: Provider;
  readonly endpoint: string | null;
  readonly listed: readonly ListedModel[];
};

const BUILT_IN = { embedding: null, embedding_model: null, embedding_endpoint: null, embedding_dimensions: null };

/** The embedding of new agents: as requested; else unchanged, unless it used the server that is being replaced. */
function embeddingChanges(
  { config }: MemGPT,
  requested: Config["embedding"] | undefined,
  { provider, endpoint, listed }: Place,
): ConfigChanges {
  switch (requested) {
    case "hash":
      return BUILT_IN;
    case "local":
    case "local-lite":
      return { ...BUILT_IN, embedding: requested };
    case "openai": {
      // Without a provider: OpenAI's own model.
      const model = provider === undefined ? null : (provider.embedding ?? embeddingModels(listed)[0]);
      if (model !== undefined) return { ...BUILT_IN, embedding: requested, embedding_model: model };
      throw new MemGPTError(
        "llm_unavailable",
        `${provider?.name ?? "The server"} lists no embedding model. Nothing was changed: load one, or drop --embedding.`,
      );
    }
    case undefined: {
      const isOrphaned = config.embedding_endpoint === null && endpoint !== config.model_endpoint;
      return config.embedding === "openai" && isOrphaned ? BUILT_IN : {};
    }
  }
}

/** The server's models. A failure matters only if the person named no model. A service without a key lists none. */
async function models(
  probe: Probe,
  { name, keyVariable, model: usual }: Provider,
  requested: string | undefined,
): Promise<ListedModel[]> {
  if (keyVariable !== null && probe.apiKey === null) return [];
  try {
    return await listModels(probe);
  } catch (error) {
    if (requested === undefined && usual === null) {
      const needsKey = error instanceof LlmError && (error.status === 401 || error.status === 403);
      const what = needsKey ? `store its key with ${storeCommand(probe.endpoint)}` : `start ${name}`;
      throw new MemGPTError(
        "llm_unavailable",
        `${describe(error)} Nothing was changed: ${what}, or pass --model NAME.`,
      );
    }
    warn(`${describe(error)} It was set up anyway.`);
    return [];
  }
}

function chosen(
  { name, model: usual }: Provider,
  listed: readonly ListedModel[],
  requested: string | undefined,
): string {
  const isListed = (id: string): boolean =>
    listed.some((listing) => listing.id === id || listing.id === `${id}:latest`);
  if (requested !== undefined) {
    if (listed.length > 0 && !isListed(requested)) {
      warn(`${name} does not list ${requested}; it was set up anyway.`);
    }
    return requested;
  }
  const model = usual !== null && (listed.length === 0 || isListed(usual)) ? usual : chatModels(listed)[0];
  if (model !== undefined) return model;
  throw new MemGPTError(
    "llm_unavailable",
    `${name} has no model yet. Nothing was changed: load one, or pass --model NAME.`,
  );
}

function keyLines({ credentials }: MemGPT, { name, keyVariable }: Provider, endpoint: string | null): string[] {
  if (keyVariable === null || credentials.keyFor(endpoint) !== undefined) return [];
  return [
    `${name} needs a key: set ${keyVariable}, or store it with ${storeCommand(endpoint)} (read from standard input).`,
  ];
}

function storeCommand(endpoint: string | null): string {
  return `\`memgpt configure set ${endpoint === null ? "openai_api_key -" : `api_key - --endpoint ${endpoint}`}\``;
}
