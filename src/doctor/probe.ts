import * as z from "zod";
import { LlmError } from "../errors.ts";
import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";
import { addressOf } from "../llm/openai/address.ts";
import type { ServerRequest } from "../llm/openai/client.ts";
import { bytesOf, textOf } from "../llm/openai/lines.ts";
import { networkWords } from "../llm/openai/network-fault.ts";
import { type Environment, proxyFor } from "../llm/openai/proxy.ts";
import { RefusedError } from "../llm/openai/server-error.ts";
import type { Connection } from "../schema/connection.ts";
import { LOCAL_PROVIDERS, type Provider, hostedAt } from "../settings/providers.ts";

/** A model of a server. `contextWindow` is in tokens; undefined if the list does not say. */
export type ListedModel = { readonly id: string; readonly contextWindow: number | undefined };

/** A running server on this machine. */
export type LocalServer = {
  readonly provider: Provider;
  readonly endpoint: string;
  readonly models: readonly ListedModel[];
};

/** A server to ask, and how. */
export type Probe = Pick<Connection, "endpoint"> &
  Partial<Connection> & {
    /** In milliseconds, for each request. */
    readonly timeout?: number | undefined;
    readonly signal?: AbortSignal | undefined;
    /** Environment with the proxies (default: the process's). */
    readonly env?: Environment | undefined;
  };

/** In milliseconds. Loopback answers at once or not at all. */
const LOCAL_TIMEOUT = 400;
const DEFAULT_TIMEOUT = 5000;
/** In characters. OpenRouter's list of models has about half a million. */
const LONGEST_LIST = 4_000_000;
const MOST_REDIRECTIONS = 5;

/**
 * The servers among `candidates` that answer with a list of models, asked in parallel and without a key: any program may listen
 * on a local port.
 */
export async function findLocalServers(
  candidates: readonly Provider[] = LOCAL_PROVIDERS,
  options: Pick<Probe, "timeout" | "signal"> = {},
): Promise<LocalServer[]> {
  const found = await Promise.all(
    candidates.map(async (provider): Promise<LocalServer | undefined> => {
      const { endpoint } = provider;
      if (endpoint === null) return undefined;
      try {
        return { provider, endpoint, models: await listModels({ timeout: LOCAL_TIMEOUT, ...options, endpoint }) };
      } catch {
        // Not a server to offer, whatever it is.
        return undefined;
      }
    }),
  );
  return found.filter((server) => server !== undefined);
}

const Tokens = z.number().int().positive();

const Listed = z.looseObject({
  id: z.string().min(1),
  context_length: Tokens.nullish().catch(null),
  context_window: Tokens.nullish().catch(null),
  max_model_len: Tokens.nullish().catch(null),
});

/**
 * The models of an OpenAI-compatible server.
 *
 * @source `context_length`: OpenRouter and Together; `context_window`: Groq; `max_model_len`: vLLM. Together answers with the
 *   bare array.
 * @throws LlmError that says what to do.
 */
export async function listModels(probe: Probe): Promise<ListedModel[]> {
  const endpoint = probe.endpoint ?? OPENAI_ENDPOINT;
  const json = await getJson("/models", probe);
  const list = z.union([
    z.looseObject({ data: z.array(z.unknown()) }).transform(({ data }) => data),
    z.array(z.unknown()),
  ]);
  const parsed = list.safeParse(json);
  if (!parsed.success) throw new LlmError(`${endpoint} answers, but not with a list of models: is the URL right?`);
  const models = parsed.data.flatMap((item): ListedModel[] => {
    const model = Listed.safeParse(item);
    if (!model.success) return [];
    const { id, context_length: length, context_window: window, max_model_len: most } = model.data;
    return [{ id, contextWindow: length ?? window ?? most ?? undefined }];
  });
  return [...new Map(models.map((model) => [model.id, model])).values()];
}

/**
 * The context window of a model in tokens, from the server's list of models or the own routes of Ollama, LM Studio, llama.cpp
 * or KoboldCpp. Undefined if the server does not report it. Never fails.
 */
export async function serverWindow(
  model: string,
  probe: Probe,
  listed: readonly ListedModel[] = [],
): Promise<number | undefined> {
  const fromList = listed.find(({ id }) => id === model)?.contextWindow;
  if (fromList !== undefined || probe.endpoint === null || hostedAt(probe.endpoint) !== undefined) return fromList;
  const root = serverRoot(probe.endpoint);
  const requests = [ollamaWindow(root, model, probe), lmStudioWindow(root, model, probe), llamaCppWindow(root, probe)];
  const answers = await Promise.all(
    [...requests, koboldWindow(root, probe)].map((answer) => answer.catch(() => undefined)),
  );
  return answers.find((answer) => answer !== undefined);
}

/** The URL without the protocol's path, where servers have their own routes. */
export function serverRoot(endpoint: string): string {
  return endpoint.replace(/\/+$/, "").replace(/\/v\d+$/, "");
}

const OllamaShow = z.looseObject({
  model_info: z.record(z.string(), z.unknown()),
  parameters: z.string().optional(),
});

/** @source https://docs.ollama.com/api-reference/show-model-details: `parameters` has what the Modelfile sets */
async function ollamaWindow(root: string, model: string, probe: Probe): Promise<number | undefined> {
  const { model_info: info, parameters = "" } = OllamaShow.parse(await getJson(`${root}/api/show`, probe, { model }));
  const most = Tokens.optional().parse(Object.entries(info).find(([key]) => key.endsWith(".context_length"))?.[1]);
  const set = /^num_ctx\s+(\d+)/m.exec(parameters)?.[1];
  return set === undefined ? most : Math.min(Number(set), most ?? Infinity);
}

const LmStudioModel = z.looseObject({
  id: z.string(),
  max_context_length: Tokens.optional(),
  loaded_context_length: Tokens.optional(),
});

/** @source https://lmstudio.ai/docs/api/rest-api: a loaded model may have a smaller window than its maximum */
async function lmStudioWindow(root: string, model: string, probe: Probe): Promise<number | undefined> {
  const { data } = z.looseObject({ data: z.array(LmStudioModel) }).parse(await getJson(`${root}/api/v0/models`, probe));
  const entry = data.find(({ id }) => id === model);
  return entry?.loaded_context_length ?? entry?.max_context_length;
}

/** @source llama.cpp tools/server/README.md, GET /props: `n_ctx` is the window of one slot, not of the model's training */
async function llamaCppWindow(root: string, probe: Probe): Promise<number | undefined> {
  const Props = z.looseObject({ default_generation_settings: z.looseObject({ n_ctx: Tokens }) });
  return Props.parse(await getJson(`${root}/props`, probe)).default_generation_settings.n_ctx;
}

/** @source https://lite.koboldai.net/koboldcpp_api */
async function koboldWindow(root: string, probe: Probe): Promise<number | undefined> {
  return z.looseObject({ value: Tokens }).parse(await getJson(`${root}/api/extra/true_max_context_length`, probe))
    .value;
}

/**
 * Sends one request: GET, or POST if there is a body.
 *
 * @param path Path below the base URL, or a whole URL.
 * @throws LlmError that says what to do.
 */
export async function getJson(path: string, probe: Probe, body?: object): Promise<unknown> {
  const { timeout = DEFAULT_TIMEOUT, signal } = probe;
  // Loaded before the clock starts: loading may take as long as a local server has to answer.
  const { request } = await import("../llm/openai/client.ts");
  const limit = AbortSignal.timeout(timeout);
  const server = probe.endpoint ?? OPENAI_ENDPOINT;
  try {
    const response = await follow(
      request,
      path,
      { ...probe, signal: signal === undefined ? limit : AbortSignal.any([signal, limit]) },
      body,
    );
    const text = await textOf(bytesOf(response), LONGEST_LIST);
    if (text.length > LONGEST_LIST) throw new LlmError("The answer is far too long for a list of models.");
    return JSON.parse(text);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof LlmError) throw cause;
    if (cause instanceof RefusedError) throw refusal(server, cause.status);
    if (cause instanceof SyntaxError)
      throw new LlmError(`${server} answers, but not as an OpenAI-compatible server does.`);
    if (limit.aborted) throw new LlmError(`${server} did not answer within ${timeout / 1000} s.`, { cause });
    throw new LlmError(`Cannot reach ${server} (${networkWords(cause)}): is the server running?`, { cause });
  }
}

/** The response, through the same proxies as other requests. With a key, follows no redirects: they could lead to another server. */
async function follow(
  request: (request: ServerRequest) => Promise<Response>,
  path: string,
  { signal, timeout = DEFAULT_TIMEOUT, ...probe }: Probe & { readonly signal: AbortSignal },
  body?: object,
): Promise<Response> {
  const { endpoint, apiKey = null, headers = {}, apiVersion = null, env = process.env } = probe;
  const address = addressOf({ endpoint, apiVersion });
  // Azure lists the models of the resource, not of the deployment that its endpoint may name.
  const base = address.base.replace(/\/deployments\/[^/]+$/, "");
  let target = path;
  for (let redirections = 0; ; redirections += 1) {
    const proxy = proxyFor(new URL(target.startsWith("/") ? base : target), env);
    try {
      return await request({
        ...{ connection: { apiKey, headers }, address: { ...address, base }, path: target, accept: "application/json" },
        ...(body === undefined ? { method: "get" } : { method: "post", body }),
        ...{ signal, route: { proxy, connectMs: timeout } },
      });
    } catch (error) {
      const location = error instanceof RefusedError && error.status < 400 ? error.headers.get("location") : null;
      if (location === null) throw error;
      if (apiKey !== null || body !== undefined || redirections === MOST_REDIRECTIONS) {
        throw new Error(`it has moved to ${location}`, { cause: error });
      }
      target = new URL(location, target.startsWith("/") ? `${base}${target}` : target).href;
    }
  }
}

function refusal(server: string, status: number): LlmError {
  if (status === 401 || status === 403) {
    return new LlmError(`${server} refused the key, or needs one (${status}).`, { status });
  }
  const hint = status === 404 ? ": is its path right (most end with /v1)?" : ".";
  return new LlmError(`${server} answered ${status}${hint}`, { status });
}
