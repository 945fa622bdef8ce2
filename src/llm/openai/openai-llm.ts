import type { Completion } from "../../schema/context.ts";
import type { ModelOptions } from "../../schema/model-options.ts";
import type { Llm, LlmDelta, LlmRequest } from "../../ports/llm.ts";
import { type QuirkStore, memoryQuirks } from "../../ports/quirks.ts";
import { AnswerCollector } from "./answer.ts";
import { QuirkError } from "./exchange.ts";
import { FaultError } from "./fault.ts";
import type { Json } from "./json.ts";
import { brokenFault } from "./network-fault.ts";
import { isOllama, ollamaBody, ollamaChunks, ollamaQuirkIn } from "./ollama.ts";
import { type RetryOptions, retried } from "./retries.ts";
import { type Call, OpenAiConnection, type OpenAiConnectionOptions, type Refusal } from "./openai-connection.ts";
import { chatBody, quirkIn } from "./wire.ts";

export type OpenAiOptions = Pick<
  OpenAiConnectionOptions,
  "model" | "endpoint" | "apiKey" | "keyOrigin" | "env" | "limits" | "now" | "bounds"
> &
  Omit<RetryOptions, "attempts"> & {
    /** Options of the requests; those left out get their defaults. */
    readonly options?: Partial<ModelOptions>;
    /** What is known about the server and model. New findings are added. */
    readonly quirks?: QuirkStore;
  };

const DEFAULT_OPTIONS: ModelOptions = {
  functionCalling: "auto",
  innerThoughts: "auto",
  reminders: false,
  stream: true,
  temperature: null,
  topP: null,
  seed: null,
  maxTokensField: "auto",
  apiVersion: null,
  headers: {},
  body: {},
};

/** A request in the form that its server accepts. */
type Prepared = Pick<Call, "path" | "body" | "kind" | "form" | "streamed"> & {
  /** Converts what the server sends into chunks of the OpenAI protocol. */
  readonly chunkOf: (json: unknown) => unknown;
};

/**
 * `Llm` over any server that speaks the OpenAI chat-completions protocol, streaming or not, and over Ollama's own protocol,
 * which accepts the size of the window. The only place that repeats requests: those that may succeed a moment later, and those
 * that the server accepts in another form, which it remembers.
 */
export class OpenAiLlm implements Llm {
  readonly model: string;
  readonly #connection: OpenAiConnection;
  readonly #options: ModelOptions;
  readonly #quirks: QuirkStore;
  readonly #retries: RetryOptions;

  /** @throws LlmError if the endpoint is not a URL, or is OpenAI's and there is no key. */
  constructor({ options, quirks, sleep, random, ...server }: OpenAiOptions) {
    this.model = server.model;
    this.#options = { ...DEFAULT_OPTIONS, ...options };
    const { apiVersion, headers } = this.#options;
    this.#connection = new OpenAiConnection({ ...server, apiVersion, headers, service: "chat/completions" });
    this.#quirks = quirks ?? memoryQuirks();
    this.#retries = { sleep, random };
  }

  async *complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const tried = new Set<string>();
    const completion = yield* retried(() => this.#adapted(request, tried), request.signal, this.#retries);
    // The whole answer may have arrived before the caller aborted it.
    request.signal?.throwIfAborted();
    return completion;
  }

  /** Sends the request, in another form if the server refuses the first. */
  async *#adapted(request: LlmRequest, tried: Set<string>): AsyncGenerator<LlmDelta, Completion, void> {
    for (;;) {
      try {
        return yield* this.#attempt(request, tried);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (!(error instanceof QuirkError)) throw error;
        for (const [name, value] of Object.entries(error.quirk)) tried.add(`${name} ${String(value)}`);
        this.#quirks.learn(error.quirk);
      }
    }
  }

  /** One request. If it throws, its deltas do not count. */
  async *#attempt(request: LlmRequest, tried: ReadonlySet<string>): AsyncGenerator<LlmDelta, Completion, void> {
    const { label: server } = this.#connection.address;
    const prepared = await this.#prepare(request);
    const { path, body, form, streamed, kind } = prepared;
    const collector = new AnswerCollector();
    const chunks = this.#connection.ask({
      ...{ path, body, form, streamed, kind },
      signal: request.signal,
      finished: () => collector.finished,
      refuse: (refusal) => this.#refusal(refusal, body, tried),
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
      if (!collector.finished && !collector.answered) throw new FaultError(brokenFault(server, "the answer was empty"));
    } finally {
      await chunks.return(false);
    }
    if (collector.finishReason === "error") throw new FaultError(brokenFault(server, "the model failed in the middle"));
    yield* collector.end();
    return collector.completion();
  }

  async #prepare(request: LlmRequest): Promise<Prepared> {
    const { address, proxy } = this.#connection;
    const { kind, base } = address;
    const { contextWindow, signal } = request;
    const { model } = this;
    if (kind === "other" && contextWindow !== undefined && (await isOllama(new URL(base), { proxy, signal }))) {
      const body = ollamaBody({ ...request, contextWindow }, model, this.#options, this.#quirks.get());
      const path = `${base.replace(/\/v1$/, "")}/api/chat`;
      return { kind: "ollama", path, body, form: "lines", streamed: body["stream"] === true, chunkOf: ollamaChunks() };
    }
    const body = chatBody(request, { model, kind, options: this.#options, quirks: this.#quirks.get() });
    const streamed = body["stream"] === true;
    return { kind, path: "/chat/completions", body, form: "events", streamed, chunkOf: (json) => json };
  }

  #refusal(refusal: Refusal, sent: Json, tried: ReadonlySet<string>): FaultError | QuirkError {
    const quirk = (refusal.kind === "ollama" ? ollamaQuirkIn : quirkIn)(refusal.said, sent, this.#options);
    const isNew = Object.entries(quirk ?? {}).some(([name, value]) => !tried.has(`${name} ${String(value)}`));
    return quirk !== undefined && isNew ? new QuirkError(quirk) : this.#connection.faultOf(refusal);
  }
}

/** The next chunk. Failures after the end of the answer do no harm. */
async function nextOf(
  chunks: ReturnType<OpenAiConnection["ask"]>,
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
