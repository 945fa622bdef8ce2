import {
  LOCAL_PROVIDERS,
  type ListedModel,
  type Provider,
  type Probe,
  knownWindow,
  serverWindow,
} from "../../index.ts";

/**
 * The servers to look for on this machine. `MEMGPT_PROBE_PORTS` (`ollama=40123,vllm=40124`) replaces the list, so that
 * tests do not depend on what else runs on the machine.
 */
export function localProviders(env: NodeJS.ProcessEnv = process.env): readonly Provider[] {
  const ports = env["MEMGPT_PROBE_PORTS"];
  if (ports === undefined) return LOCAL_PROVIDERS;
  const configured = new Map(ports.split(",").map((item) => [item.split("=")[0] ?? "", Number(item.split("=")[1])]));
  return LOCAL_PROVIDERS.flatMap((provider) => {
    const port = configured.get(provider.id);
    return port === undefined ? [] : [{ ...provider, port, endpoint: `http://127.0.0.1:${port}/v1` }];
  });
}

/** The default window for unknown models, in tokens. */
const USUAL_WINDOW = 8192;

/** More is rarely worth its price: an agent with memory does not need its whole past in view. */
const LARGEST_SUGGESTED = 131_072;

/** Ollama allocates memory for the whole window that it is asked for. */
const LARGEST_AT_OLLAMA = 16_384;

/** A model's largest window, if known, and the one to suggest. In tokens. */
export type Window = { readonly most: number | undefined; readonly suggested: number };

/** A model's window as its server reports it, or else as its name implies. */
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

/** Names of models that do not chat. */
const NO_CHAT =
  /embed|whisper|tts|transcribe|dall-e|image|moderation|rerank|realtime|audio|sora|babbage|davinci|guard/i;

/** Names of the chat models. */
export function chatModels(models: readonly ListedModel[]): string[] {
  return models.map(({ id }) => id).filter((name) => !NO_CHAT.test(name));
}

const EMBEDS = /embed|minilm|bge-|\be5-|gte-/i;

/** Names of all models, embedding models first. */
export function embeddingFirst(models: readonly ListedModel[]): string[] {
  const first = embeddingModels(models);
  return [...first, ...models.map(({ id }) => id).filter((name) => !first.includes(name))];
}

/** Names of the models that seem to make embeddings. */
export function embeddingModels(models: readonly ListedModel[]): string[] {
  return models.map(({ id }) => id).filter((name) => EMBEDS.test(name));
}

/** Names of all models, chat models first. */
export function chatFirst(models: readonly ListedModel[]): string[] {
  const first = chatModels(models);
  return [...first, ...models.map(({ id }) => id).filter((name) => !first.includes(name))];
}
