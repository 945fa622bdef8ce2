import type { OpenAI } from "openai";
import { ContextOverflowError, LlmError, describe } from "../../errors.ts";
import type { Completion } from "../../schema/context.ts";
import type { Llm, LlmDelta, LlmRequest } from "../llm.ts";
import { ChunkCollector, toWire } from "./wire.ts";

const OPENAI_ENDPOINT = "https://api.openai.com/v1";

export type OpenAiOptions = {
  readonly model: string;
  /** Base URL of the server; OpenAI's own if null. */
  readonly endpoint: string | null;
  readonly apiKey: string | null;
  readonly fetch?: typeof globalThis.fetch | undefined;
};

/** `Llm` over any server that speaks the OpenAI chat-completions protocol, streaming. */
export class OpenAiLlm implements Llm {
  readonly model: string;
  readonly #endpoint: string;
  readonly #options: OpenAiOptions;
  #client: OpenAI | undefined;

  /** @throws LlmError if OpenAI itself is to be asked and there is no key. */
  constructor(options: OpenAiOptions) {
    this.model = options.model;
    this.#endpoint = options.endpoint ?? OPENAI_ENDPOINT;
    this.#options = options;
    if (options.apiKey === null && this.#endpoint === OPENAI_ENDPOINT) {
      throw new LlmError(
        `No API key for ${this.model}. Nothing was done; set OPENAI_API_KEY, or give --model-endpoint for a server that needs none.`,
      );
    }
  }

  async *complete({ context, maxTokens, signal }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const { default: Client, APIError } = await import("openai");
    this.#client ??= new Client(this.#clientOptions());
    // OpenAI's newer models refuse `max_tokens`, most other servers know nothing else.
    const limit = this.#endpoint === OPENAI_ENDPOINT ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens };
    const collector = new ChunkCollector();
    try {
      const stream = await this.#client.chat.completions.create(
        { model: this.model, stream: true, stream_options: { include_usage: true }, ...limit, ...toWire(context) },
        { signal: signal ?? null },
      );
      for await (const chunk of stream) yield* collector.push(chunk);
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof APIError ? this.#fromApi(error) : this.#unreachable(error);
    }
    signal?.throwIfAborted();
    return collector.completion();
  }

  #clientOptions(): ConstructorParameters<typeof OpenAI>[0] {
    const { apiKey, fetch } = this.#options;
    // The client insists on some key; local servers ignore it.
    return { baseURL: this.#endpoint, apiKey: apiKey ?? "none", ...(fetch === undefined ? {} : { fetch }) };
  }

  #fromApi(cause: { status?: number | undefined; code?: string | null | undefined; message: string }): Error {
    const { status, code, message } = cause;
    if (code === "context_length_exceeded" || /context (length|size|window)/i.test(message)) {
      return new ContextOverflowError(
        `${this.model} says that the request is larger than its context window. Nothing was lost; set --context-window lower.`,
        { cause },
      );
    }
    if (status === undefined) return this.#unreachable(cause);
    if (status === 401 || status === 403) {
      const text = `${this.#endpoint} refused the API key (${status}). Nothing was lost; check OPENAI_API_KEY.`;
      return new LlmError(text, { cause, status });
    }
    return new LlmError(`${this.#endpoint} answered ${message}. Nothing was lost; send the message again.`, {
      cause,
      status,
    });
  }

  #unreachable(cause: unknown): LlmError {
    return new LlmError(
      `Cannot reach ${this.#endpoint} (${describe(cause)}). Nothing was lost; is the server running?`,
      { cause },
    );
  }
}
