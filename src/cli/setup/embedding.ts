import { describe } from "../../errors.ts";
import {
  type Config,
  type ConfigChanges,
  type EmbeddingSettings,
  LOCAL_EMBEDDING_MODEL,
  type ListedModel,
  OPENAI_ENDPOINT,
  embeddingSettingsOf,
  hostedAt,
  listModels,
  tryEmbedding,
} from "../../index.ts";
import { type ChosenKey, type Session, askKey, firstly, isSomething, isUrl, say, withPath } from "./asking.ts";
import type { Option } from "./questions.ts";
import { embeddingFirst } from "./servers.ts";

/** The configuration as the answers so far would make it, and the key that goes to the server of the model. */
export type SoFar = { readonly config: Config; readonly key: string | undefined };

/** What new agents are embedded with, as changes of the configuration, with the key that goes to its server. */
export type ChosenEmbedding = { readonly changes: ConfigChanges } & ChosenKey;

const NONE = { embedding_model: null, embedding_endpoint: null, embedding_dimensions: null } as const;

const PROVIDERS: readonly Option<Config["embedding"]>[] = [
  { value: "hash", name: "words and their parts: built in, offline" },
  { value: "openai", name: "meaning, by a model at an OpenAI-compatible server" },
  { value: "local", name: "meaning, by a model in this process (@huggingface/transformers, to be installed)" },
];

/** What archival memory of new agents shall be searched by. */
export async function askEmbedding(session: Session, soFar: SoFar): Promise<ChosenEmbedding> {
  const { ask, memgpt } = session;
  const provider = await ask.select("What is archival memory searched by?", PROVIDERS, memgpt.config.embedding);
  switch (provider) {
    case "hash":
      return { changes: { embedding: null, ...NONE }, key: undefined, newKey: undefined };
    case "openai":
      return askServer(session, soFar);
    case "local": {
      const { embedding, embedding_model: present } = memgpt.config;
      const initial = (embedding === "local" ? present : null) ?? LOCAL_EMBEDDING_MODEL;
      const model = await ask.input("Embedding model, as huggingface.co names it:", { initial, validate: isSomething });
      return { changes: { embedding: "local", ...NONE, embedding_model: model }, key: undefined, newKey: undefined };
    }
  }
}

async function askServer(session: Session, { config, key }: SoFar): Promise<ChosenEmbedding> {
  const { ask, memgpt } = session;
  const present = memgpt.config.embedding === "openai" ? memgpt.config : undefined;
  const ofModel = endpointOf({ ...config, embedding_endpoint: null });
  const initial = present?.embedding_endpoint ?? ofModel;
  const endpoint = withPath(await ask.input("Embedding endpoint:", { initial, validate: isUrl }));
  const isSame = endpoint === ofModel;
  const isService = (hostedAt(endpoint)?.keyVariable ?? null) !== null;
  // Whoever talks to the practice model has given no key yet.
  const isGiven = isSame && config.model !== "practice";
  const keys = isGiven ? givenKey(session, endpoint, key) : await askKey(session, endpoint, isService);
  const place = isSame
    ? { apiVersion: config.api_version, headers: config.extra_headers }
    : { apiVersion: null, headers: {} };
  const model = await askModel(session, { endpoint, key: keys.key, ...place });
  const changes = {
    embedding: "openai",
    embedding_model: model,
    embedding_endpoint: isSame ? null : endpoint,
    embedding_dimensions: present?.embedding_model === model ? present.embedding_dimensions : null,
  };
  return { changes, ...keys };
}

/** The key of the model. One that was given for a deployment only is kept for the resource too, which embeddings are at. */
function givenKey({ memgpt }: Session, endpoint: string, key: string | undefined): ChosenKey {
  const isKnown =
    key === undefined || !/\.azure\.com\//.test(endpoint) || memgpt.credentials.keyFor(endpoint)?.key === key;
  return { key, newKey: isKnown ? undefined : key };
}

type Place = {
  readonly endpoint: string;
  readonly key: string | undefined;
  readonly apiVersion: string | null;
  readonly headers: Readonly<Record<string, string>>;
};

/** A list that cannot be had is no reason to stop. */
async function askModel({ ask, memgpt, signal }: Session, place: Place): Promise<string> {
  let listed: readonly ListedModel[] = [];
  try {
    listed = await listModels({ ...place, signal });
  } catch (error) {
    signal.throwIfAborted();
    say(`${describe(error)} Type the model's name instead.`);
  }
  const { embedding, embedding_model: present } = memgpt.config;
  const isPresent = embedding === "openai" && endpointOf(memgpt.config) === place.endpoint;
  const initial = (isPresent ? present : null) ?? hostedAt(place.endpoint)?.embedding ?? undefined;
  const names = embeddingFirst(listed);
  return names.length === 0
    ? ask.input("Embedding model:", { ...(initial === undefined ? {} : { initial }), validate: isSomething })
    : ask.search("Embedding model (type to search, or any other name):", firstly(names, initial));
}

/** Where a configuration has its embeddings made, if it has them made by a server. */
function endpointOf(config: Config): string {
  // Any name will do: only the place is wanted.
  return embeddingSettingsOf({ ...config, embedding: "openai", embedding_model: "any" }).endpoint ?? OPENAI_ENDPOINT;
}

/** Long, for a model that is not loaded yet. */
const TRIAL_TIMEOUT = 60_000;

/** Embeds one text as `config`, which has the key, says. @returns whether it worked. */
export async function testEmbedding({ signal }: Session, config: Config): Promise<boolean> {
  const settings: EmbeddingSettings = embeddingSettingsOf(config);
  if (settings.provider === "hash") return true;
  say(`Asking ${settings.model ?? "it"} to embed a text …`);
  try {
    const { dimensions, seconds } = await tryEmbedding(settings, { config, timeout: TRIAL_TIMEOUT, signal });
    say(`It gave ${dimensions.toLocaleString("en-US")} dimensions in ${seconds.toFixed(1)} s.`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    say(`That did not work: ${describe(error)}`);
    return false;
  }
}
