import { LlmError } from "../../errors.ts";
import { type AnswerBounds, DEFAULT_ANSWER_BOUNDS } from "../../schema/answer-bounds.ts";
import type { Connection } from "../../schema/connection.ts";
import { OPENAI_ENDPOINT, checkNoPassword } from "../endpoint.ts";
import { type Address, addressOf } from "./address.ts";
import { type Chunk, DEFAULT_LIMITS, type Exchange, type Limits, type QuirkError, exchange } from "./exchange.ts";
import { type RequestInfo, FaultError, type Service, faultOf } from "./fault.ts";
import type { Json } from "./json.ts";
import { type Environment, proxyFor } from "./proxy.ts";
import { retryAfter } from "./retry-after.ts";
import { type ServerError, readError } from "./server-error.ts";

export type OpenAiConnectionOptions = Connection & {
  readonly model: string;
  readonly service: Service;
  /** Environment with the proxies (default: that of the process). */
  readonly env?: Environment | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Bounds of an answer. */
  readonly bounds?: AnswerBounds | undefined;
  /** In milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
};

/** An error that a server returned. */
export type Refusal = {
  readonly said: ServerError;
  readonly headers: Headers;
  readonly kind: RequestInfo["kind"];
  readonly path: string;
};

/** The part of a request that differs between calls. */
export type Call = Pick<Exchange, "form" | "streamed" | "signal" | "finished"> & {
  /** Relative to the base URL, or a whole URL. */
  readonly path: string;
  readonly body: Json;
  readonly kind: RequestInfo["kind"];
  readonly refuse: (refusal: Refusal) => FaultError | QuirkError;
};

/** One service of a server that speaks the OpenAI protocol, for one model. */
export class OpenAiConnection {
  readonly address: Address;
  /** The proxy for its requests, if any. */
  readonly proxy: URL | null;
  readonly #options: OpenAiConnectionOptions;
  readonly #limits: Limits;
  readonly #secrets: readonly string[];

  /** @throws LlmError if the endpoint is not a URL, or is OpenAI's and there is no key. */
  constructor(options: OpenAiConnectionOptions) {
    const { model, endpoint, apiKey, headers } = options;
    const flag = { "chat/completions": "{endpoint}", embeddings: "embedding_endpoint", rerank: "rerank_endpoint" }[
      options.service
    ];
    if (endpoint !== null && !(/^https?:\/\//i.test(endpoint) && URL.canParse(endpoint))) {
      throw new LlmError(
        `The endpoint of ${model} must begin with http:// or https://. Nothing was done; set another with ${flag}.`,
      );
    }
    checkNoPassword(endpoint);
    this.address = addressOf(options);
    if (apiKey === null && this.address.label === OPENAI_ENDPOINT) {
      throw new LlmError(
        `No API key for ${model}. Nothing was done; set OPENAI_API_KEY, or use a server that needs no key with ${flag}.`,
      );
    }
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.proxy = proxyFor(new URL(this.address.base), options.env ?? process.env);
    this.#secrets = [apiKey ?? "", ...Object.values(headers)].filter((secret) => secret.length >= 8);
  }

  /** Sends one request and yields its answer piece by piece. @throws as `exchange` does. */
  async *ask({ path, body, kind, refuse, ...call }: Call): AsyncGenerator<Chunk, boolean, void> {
    const { address, proxy } = this;
    const { connectMs } = this.#limits;
    const { model } = this.#options;
    return yield* exchange({
      ...call,
      server: address.label,
      limits: this.#limits,
      bounds: this.#options.bounds ?? DEFAULT_ANSWER_BOUNDS,
      send: async (signal) => {
        // Loaded with the first request: the client and undici take longer to load than all of memgpt.
        const { request } = await import("./client.ts");
        const route = { proxy, connectMs };
        const accept = call.streamed ? "text/event-stream, application/json" : "application/json";
        const connection = this.#options;
        return request({ connection, address, model, method: "post", path, body, accept, signal, route });
      },
      refuse: ({ status, headers, body: answer, path: requested = path }) => {
        const shown = this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), answer);
        return refuse({ said: readError(status, shown), headers, kind, path: requested });
      },
    });
  }

  /** Converts a refusal into an error. */
  faultOf({ said, headers, kind, path }: Refusal): FaultError {
    const { model, service, apiKey, keyOrigin, now = Date.now } = this.#options;
    const info = { model, server: this.address.label, kind, service, hasKey: apiKey !== null, keyOrigin, path };
    return new FaultError(faultOf(said, info, retryAfter(headers, said.message, now())), {
      cause: new Error(said.message),
    });
  }
}
