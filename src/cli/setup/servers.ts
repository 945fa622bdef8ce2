import {
  LOCAL_PROVIDERS,
  type ListedModel,
  type Provider,
  type Probe,
  knownWindow,
  serverWindow,
} from "../../index.ts";

/**
 * The servers to look for on this machine. `MEMGPT_PROBE_PORTS` (`ollama=40123,vllm=40124`; for tests, so that they do not
 * depend on what runs beside them) says which, and where.
 */
export function localProviders(env: NodeJS.ProcessEnv = process.env): readonly Provider[] {
  const ports = env["MEMGPT_PROBE_PORTS"];
  if (ports === undefined) return LOCAL_PROVIDERS;
  const wanted = new Map(ports.split(",").map((item) => [item.split("=")[0] ?? "", Number(item.split("=")[1])]));
  return LOCAL_PROVIDERS.flatMap((provider) => {
    const port = wanted.get(provider.id);
    return port === undefined ? [] : [{ ...provider, port, endpoint: `http://127.0.0.1:${port}/v1` }];
  });
}

/** What memgpt needs at least, and takes where nothing is known. In tokens. */
export const SMALLEST_WINDOW = 4096;
const USUAL_WINDOW = 8192;

/** More is rarely worth what it costs: an agent that remembers does not need its whole past in sight. */
const LARGEST_SUGGESTED = 131_072;

/** Ollama makes as much room as it is asked for, of the memory that there is. */
const LARGEST_AT_OLLAMA = 16_384;

/** The most that a model can see, as far as it is known, and what to take of that. In tokens. */
export type Window = { readonly most: number | undefined; readonly suggested: number };

/** The window of a model, by what its server says or, if it says nothing, by the model's name. */
export async function windowOf(
  { provider, model }: { readonly provider: Provider | undefined; readonly model: string },
  probe: Probe,
  listed: readonly ListedModel[],
): Promise<Window> {
  const most = (await serverWindow(model, probe, listed)) ?? knownWindow(model);
  if (most === undefined) return { most, suggested: USUAL_WINDOW };
  const largest = provider?.id === "ollama" ? LARGEST_AT_OLLAMA : LARGEST_SUGGESTED;
  return { most, suggested: Math.min(most, largest) };
}

/** Models that do something else than talk. */
const NO_CHAT =
  /embed|whisper|tts|transcribe|dall-e|image|moderation|rerank|realtime|audio|sora|babbage|davinci|guard/i;

/** The names of the models that can talk. */
export function chatModels(models: readonly ListedModel[]): string[] {
  return models.map(({ id }) => id).filter((name) => !NO_CHAT.test(name));
}

const EMBEDS = /embed|minilm|bge-|\be5-|gte-/i;

/** The names of all models, those that make embeddings first. */
export function embeddingFirst(models: readonly ListedModel[]): string[] {
  const first = embeddingModels(models);
  return [...first, ...models.map(({ id }) => id).filter((name) => !first.includes(name))];
}

/** The names of the models that seem to make embeddings. */
export function embeddingModels(models: readonly ListedModel[]): string[] {
  return models.map(({ id }) => id).filter((name) => EMBEDS.test(name));
}

/** The names of all models, those that can talk first. */
export function chatFirst(models: readonly ListedModel[]): string[] {
  const first = chatModels(models);
  return [...first, ...models.map(({ id }) => id).filter((name) => !first.includes(name))];
}
