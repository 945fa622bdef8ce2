import {
  type Config,
  type ConfigChanges,
  HOSTED_PROVIDERS,
  type ListedModel,
  type MemGPT,
  MemGPTError,
  OPENAI_ENDPOINT,
  PROVIDERS,
  type Provider,
  listModels,
} from "../../index.ts";
import { describe } from "../../errors.ts";
import { openHome } from "./open-home.ts";
import { apply } from "../setup/apply.ts";
import { SMALLEST_WINDOW, chatModels, embeddingModels, localProviders, windowOf } from "../setup/servers.ts";
import { visible } from "../terminal/sanitize.ts";

const NEXT = "Run `memgpt run` to talk, `memgpt doctor` to test it.";

export type QuickstartOptions = {
  readonly backend: string;
  readonly model?: string;
  readonly embedding?: Config["embedding"];
};

/** `memgpt quickstart`: sets up a provider without a question. */
export async function quickstart({ backend, model, embedding }: QuickstartOptions): Promise<void> {
  const memgpt = await openHome();
  if (backend === "practice") {
    const embedded = embeddingChanges(memgpt, embedding, { endpoint: null, listed: [] });
    const changes = { model: "practice", model_endpoint: null, ...embedded };
    const openAi =
      embedding === "openai" ? HOSTED_PROVIDERS.filter(({ endpoint }) => endpoint === OPENAI_ENDPOINT) : [];
    print([
      ...apply(memgpt, { changes }),
      ...openAi.flatMap((provider) => keyLines(memgpt, { ...provider, name: "OpenAI, which embeds," }, null)),
      NEXT,
    ]);
    return;
  }
  const provider = [...HOSTED_PROVIDERS, ...localProviders(), ...PROVIDERS].find(({ id }) => id === backend);
  if (provider === undefined) throw new MemGPTError("invalid_input", `There is no backend named ${backend}.`);
  const endpoint = provider.endpoint === OPENAI_ENDPOINT ? null : provider.endpoint;
  const key = memgpt.credentials.keyFor(endpoint)?.key;
  const probe = { endpoint, headers: memgpt.config.extra_headers, key: provider.port === null ? key : undefined };
  const listed = provider.port === null && key === undefined ? [] : await models(probe, provider, model);
  const name = chosen(provider, listed, model);
  const { suggested } = await windowOf({ provider, model: name }, probe, listed);
  const window = Math.max(suggested, SMALLEST_WINDOW);
  const embedded = embeddingChanges(memgpt, embedding, { provider, endpoint, listed });
  const changes = { model: name, model_endpoint: endpoint, context_window: window, api_version: null, ...embedded };
  print([...apply(memgpt, { changes }), ...keyLines(memgpt, provider, endpoint), NEXT]);
}

type Place = {
  readonly provider?: Provider;
  readonly endpoint: string | null;
  readonly listed: readonly ListedModel[];
};

const BUILT_IN = { embedding: null, embedding_model: null, embedding_endpoint: null, embedding_dimensions: null };

/** What new agents are embedded with: as wanted, else as before, unless that was made at the server that is left. */
function embeddingChanges(
  { config }: MemGPT,
  wanted: Config["embedding"] | undefined,
  { provider, endpoint, listed }: Place,
): ConfigChanges {
  switch (wanted) {
    case "hash":
      return BUILT_IN;
    case "local":
      return { ...BUILT_IN, embedding: wanted };
    case "openai": {
      // Without a provider, OpenAI's own.
      const model = provider === undefined ? null : (provider.embedding ?? embeddingModels(listed)[0]);
      if (model !== undefined) return { ...BUILT_IN, embedding: wanted, embedding_model: model };
      throw new MemGPTError(
        "llm_unavailable",
        `${provider?.name ?? "It"} lists no model that makes embeddings. Nothing was changed: load one, or leave --embedding away.`,
      );
    }
    case undefined: {
      const isLeft = config.embedding_endpoint === null && endpoint !== config.model_endpoint;
      return config.embedding === "openai" && isLeft ? BUILT_IN : {};
    }
  }
}

/** The models there. Not knowing them is only a problem where none was named. */
async function models(
  probe: Parameters<typeof listModels>[0],
  { name, model: usual }: Provider,
  wanted: string | undefined,
): Promise<ListedModel[]> {
  try {
    return await listModels(probe);
  } catch (error) {
    if (wanted === undefined && usual === null) {
      throw new MemGPTError(
        "llm_unavailable",
        `${describe(error)} Nothing was changed: start ${name}, or give --model NAME.`,
      );
    }
    process.stderr.write(`${visible(`${describe(error)} It is set up all the same.`)}\n`);
    return [];
  }
}

function chosen({ name, model: usual }: Provider, listed: readonly ListedModel[], wanted: string | undefined): string {
  const has = (id: string): boolean => listed.some((listing) => listing.id === id || listing.id === `${id}:latest`);
  if (wanted !== undefined) {
    if (listed.length > 0 && !has(wanted)) {
      process.stderr.write(`${visible(`${name} does not list ${wanted}; it is set up all the same.`)}\n`);
    }
    return wanted;
  }
  const model = usual !== null && (listed.length === 0 || has(usual)) ? usual : chatModels(listed)[0];
  if (model !== undefined) return model;
  throw new MemGPTError(
    "llm_unavailable",
    `${name} has no model yet. Nothing was changed: load one, or give --model NAME.`,
  );
}

function keyLines({ credentials }: MemGPT, { name, keyVariable }: Provider, endpoint: string | null): string[] {
  if (keyVariable === null || credentials.keyFor(endpoint) !== undefined) return [];
  const owner = endpoint === null ? "openai_api_key -" : `api_key - --endpoint ${endpoint}`;
  return [
    `${name} wants a key: set ${keyVariable}, or store it with \`memgpt configure set ${owner}\` (read from standard input).`,
  ];
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${visible(lines.join("\n"))}\n`);
}
