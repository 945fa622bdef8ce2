import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { LlmError } from "../../errors.ts";
import type { Completion } from "../../schema/context.ts";
import type { ModelOptions } from "../../schema/state.ts";
import type { Llm, LlmDelta, LlmRequest } from "../llm.ts";
import { type QuirkStore, memoryQuirks } from "../quirks.ts";
import { AnswerCollector } from "./answer.ts";
import { type Endpoint, OPENAI_ENDPOINT, endpointOf } from "./endpoint.ts";
import { DEFAULT_LIMITS, type Exchange, type Limits, QuirkError, exchange } from "./exchange.ts";
import { type Asked, type Fault, FaultError, faultOf, toError } from "./fault.ts";
import type { Json } from "./json.ts";
import { brokenFault } from "./network-fault.ts";
import { isOllama, ollamaBody, ollamaChunks } from "./ollama.ts";
import { type Environment, proxyFor } from "./proxy.ts";
import { retryAfter } from "./retry-after.ts";
import { readError } from "./server-error.ts";
import { chatBody, quirkIn } from "./wire.ts";

export type OpenAiOptions = {
  readonly model: string;
  /** Base URL of the server; OpenAI's own if null. */
  readonly endpoint: string | null;
  readonly apiKey: string | null;
  /** How the model is spoken to; the defaults where left out. */
  readonly options?: Partial<ModelOptions>;
  /** What is known of the server and model, and where to keep what is found out. */
  readonly quirks?: QuirkStore;
  /** Where proxies are looked up. */
  readonly env?: Environment;
  readonly limits?: Partial<Limits>;
  /** Waits before a request is repeated; ends early, however it likes, when the signal is aborted. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal | undefined) => Promise<unknown>;
  /** In [0, 1). */
  readonly random?: () => number;
  /** In milliseconds since 1970. */
  readonly now?: () => number;
};

/** How often a request is made in all. */
const MOST_ATTEMPTS = 4;
const FIRST_WAIT_MS = 1000;

const DEFAULT_OPTIONS: ModelOptions = {
  functionCalling: "auto",
  innerThoughts: "auto",
  stream: true,
  temperature: null,
  topP: null,
  seed: null,
  maxTokensField: "auto",
  apiVersion: null,
  headers: {},
  body: {},
};

/** One request in the form its server takes. */
type Prepared = Pick<Exchange, "url" | "body" | "form" | "streamed"> & {
  readonly kind: Asked["kind"];
  readonly sent: Json;
  /** Turns what the server sends into the chunks of the protocol. */
  readonly chunkOf: (json: unknown) => unknown;
};

/**
 * `Llm` over any server that speaks the OpenAI chat-completions protocol, streaming or not, and over Ollama's own where the window
 * must be told. It alone repeats requests: those that may succeed a moment later, and those that the server would take in another
 * form, which it remembers.
 */
export class OpenAiLlm implements Llm {
  readonly model: string;
  readonly #endpoint: Endpoint;
  readonly #options: ModelOptions;
  readonly #quirks: QuirkStore;
  readonly #limits: Limits;
  readonly #proxy: URL | null;
  readonly #secrets: readonly string[];
  readonly #sleep: NonNullable<OpenAiOptions["sleep"]>;
  readonly #random: () => number;
  readonly #now: () => number;

  /** @throws LlmError if OpenAI itself is to be asked and there is no key, or if the endpoint is no URL. */
  constructor({ model, endpoint, apiKey, ...rest }: OpenAiOptions) {
    this.model = model;
    if (endpoint !== null && !(/^https?:\/\//i.test(endpoint) && URL.canParse(endpoint))) {
      throw new LlmError(
        `The endpoint of ${model} is not an address that begins with http:// or https://. Nothing was done; give one with --model-endpoint.`,
      );
    }
    this.#options = { ...DEFAULT_OPTIONS, ...rest.options };
    this.#endpoint = endpointOf({ endpoint, model, apiKey, apiVersion: this.#options.apiVersion });
    if (apiKey === null && this.#endpoint.label === OPENAI_ENDPOINT) {
      throw new LlmError(
        `No API key for ${model}. Nothing was done; set OPENAI_API_KEY, or give --model-endpoint for a server that needs none.`,
      );
    }
    this.#quirks = rest.quirks ?? memoryQuirks();
    this.#limits = { ...DEFAULT_LIMITS, ...rest.limits };
    this.#proxy = proxyFor(this.#endpoint.url, rest.env ?? process.env);
    this.#secrets = [apiKey ?? "", ...Object.values(this.#options.headers)].filter((secret) => secret.length >= 8);
    this.#sleep = rest.sleep ?? (async (milliseconds, signal) => delay(milliseconds, undefined, signal && { signal }));
    this.#random = rest.random ?? Math.random;
    this.#now = rest.now ?? Date.now;
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const { signal } = request;
    const learnt = new Set<string>();
    for (let attempt = 1; ;) {
      signal?.throwIfAborted();
      try {
        return yield* this.#attempt(request, learnt);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof QuirkError) {
          for (const [name, value] of Object.entries(error.quirk)) learnt.add(`${name} ${String(value)}`);
          this.#quirks.learn(error.quirk);
          continue;
        }
        if (!(error instanceof FaultError)) throw error;
        const { fault } = error;
        if (fault.kind !== "passing" || attempt >= MOST_ATTEMPTS) throw toError(error, attempt);
        const wait = this.#waitAfter(fault, attempt);
        yield { type: "retry", reason: fault.reason ?? fault.text, seconds: Math.ceil(wait / 100) / 10 };
        await this.#wait(wait, signal);
        attempt += 1;
      }
    }
  }

  /** One request. Its deltas are void if it throws. */
  async *#attempt(request: LlmRequest, learnt: ReadonlySet<string>): AsyncGenerator<LlmDelta, Completion, void> {
    const { label: server } = this.#endpoint;
    const prepared = await this.#prepare(request);
    const collector = new AnswerCollector();
    const chunks = exchange({
      ...prepared,
      server,
      headers: {
        "content-type": "application/json",
        accept: prepared.streamed ? "text/event-stream, application/json" : "application/json",
        ...this.#endpoint.authorization,
        ...this.#options.headers,
      },
      proxy: this.#proxy,
      limits: this.#limits,
      signal: request.signal,
      finished: () => collector.finished,
      refuse: (status, headers, body) => this.#refusal({ status, headers, body, prepared, learnt }),
    });
    try {
      let next = await nextOf(chunks, collector);
      for (; next.done !== true; next = await nextOf(chunks, collector)) {
        const { json, whole } = next.value;
        yield* collector.push(prepared.chunkOf(json));
        if (whole && prepared.streamed) this.#quirks.learn({ stream: false });
        if (whole && !collector.answered) throw new FaultError(brokenFault(server, "the answer was empty"));
      }
      if (!next.value && !collector.finished)
        throw new FaultError(brokenFault(server, "the answer was cut off in the middle"));
    } finally {
      await chunks.return(false);
    }
    if (collector.finishReason === "error") throw new FaultError(brokenFault(server, "the model failed in the middle"));
    yield* collector.end();
    return collector.completion();
  }

  async #prepare(request: LlmRequest): Promise<Prepared> {
    const { kind, url } = this.#endpoint;
    const { contextWindow } = request;
    if (kind === "other" && contextWindow !== undefined && (await isOllama(url, request.signal))) {
      const sent = ollamaBody({ ...request, contextWindow }, this.model, this.#options);
      const native = new URL(url);
      native.pathname = url.pathname.replace(/\/v1\/chat\/completions$/, "/api/chat");
      const streamed = sent["stream"] === true;
      const body = JSON.stringify(sent);
      return { kind: "ollama", url: native, sent, body, form: "lines", streamed, chunkOf: ollamaChunks() };
    }
    const { model } = this;
    const sent = chatBody(request, { model, kind, options: this.#options, quirks: this.#quirks.get() });
    const streamed = sent["stream"] === true;
    return { kind, url, sent, body: JSON.stringify(sent), form: "events", streamed, chunkOf: (json) => json };
  }

  #refusal({
    status,
    headers,
    body,
    prepared,
    learnt,
  }: {
    readonly status: number | undefined;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
    readonly prepared: Prepared;
    readonly learnt: ReadonlySet<string>;
  }): FaultError | QuirkError {
    const { url, kind, sent } = prepared;
    const shown = this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), body);
    const said = readError(status, shown);
    const quirk = kind === "ollama" ? undefined : quirkIn(said, sent, this.#options);
    const isNew = Object.entries(quirk ?? {}).some(([name, value]) => !learnt.has(`${name} ${String(value)}`));
    if (quirk !== undefined && isNew) return new QuirkError(quirk);
    const hasKey = Object.keys(this.#endpoint.authorization).length > 0;
    const asked = { model: this.model, server: this.#endpoint.label, kind, hasKey, path: url.pathname };
    return new FaultError(faultOf(said, asked, retryAfter(headers, said.message, this.#now())), {
      cause: new Error(said.message),
    });
  }

  /** As long as the server says, or else longer from one attempt to the next, and never quite alike for all who wait. */
  #waitAfter({ afterMs = null }: Fault, attempt: number): number {
    return afterMs ?? FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + this.#random() / 2);
  }

  async #wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      await this.#sleep(milliseconds, signal);
    } finally {
      signal?.throwIfAborted();
    }
  }
}

/** The next chunk. What breaks after the server said that the answer is whole does no harm. */
async function nextOf(
  chunks: ReturnType<typeof exchange>,
  collector: AnswerCollector,
): Promise<Awaited<ReturnType<typeof chunks.next>>> {
  try {
    return await chunks.next();
  } catch (error) {
    if (collector.finished && error instanceof FaultError && error.fault.kind === "passing")
      return { done: true, value: true };
    throw error;
  }
}
