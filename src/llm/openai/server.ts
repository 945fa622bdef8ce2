import type { IncomingHttpHeaders } from "node:http";
import { LlmError } from "../../errors.ts";
import { checkNoPassword } from "../endpoint.ts";
import { type AnswerBounds, DEFAULT_ANSWER_BOUNDS } from "../../schema/answer-bounds.ts";
import { type Endpoint, OPENAI_ENDPOINT, type Service, endpointOf } from "./endpoint.ts";
import type { Chunk, Exchange, Limits, QuirkError } from "./exchange.ts";
import { type Asked, FaultError, faultOf } from "./fault.ts";
import { type Environment, proxyFor } from "./proxy.ts";
import { retryAfter } from "./retry-after.ts";
import { type ServerError, readError } from "./server-error.ts";

export type ServerOptions = {
  readonly model: string;
  /** Base URL of the server; OpenAI's own if null. */
  readonly endpoint: string | null;
  readonly apiKey: string | null;
  /** Where the key is from, as a person knows it: a variable of the environment, or a file. */
  readonly keyOrigin?: string | undefined;
  readonly service: Service;
  readonly apiVersion: string | null;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where proxies are looked up. */
  readonly env?: Environment | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** How much an answer may be. */
  readonly bounds?: AnswerBounds | undefined;
  /** In milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
};

/** What a server said when it refused. */
export type Refusal = {
  readonly said: ServerError;
  readonly headers: IncomingHttpHeaders;
  readonly kind: Asked["kind"];
  readonly path: string;
};

/** One request, without what is the same for all of them. */
export type Call = Pick<Exchange, "url" | "body" | "form" | "streamed" | "signal" | "finished"> & {
  readonly kind: Asked["kind"];
  readonly refuse: (refusal: Refusal) => FaultError | QuirkError;
};

/** A service of a server that speaks the OpenAI protocol, for one model: its address, the key, the way there. */
export class Server {
  readonly endpoint: Endpoint;
  /** What its requests go through. */
  readonly proxy: URL | null;
  readonly #options: ServerOptions;
  readonly #limits: Partial<Limits>;
  readonly #secrets: readonly string[];

  /** @throws LlmError if OpenAI itself is to be asked and there is no key, or if the endpoint is no URL. */
  constructor(options: ServerOptions) {
    const { model, endpoint, apiKey, headers } = options;
    const flag = options.service === "embeddings" ? "embedding_endpoint" : "{endpoint}";
    if (endpoint !== null && !(/^https?:\/\//i.test(endpoint) && URL.canParse(endpoint))) {
      throw new LlmError(
        `The endpoint of ${model} is not an address that begins with http:// or https://. Nothing was done; give one with ${flag}.`,
      );
    }
    checkNoPassword(endpoint);
    this.endpoint = endpointOf(options);
    if (apiKey === null && this.endpoint.label === OPENAI_ENDPOINT) {
      throw new LlmError(
        `No API key for ${model}. Nothing was done; set OPENAI_API_KEY, or give ${flag} for a server that needs none.`,
      );
    }
    this.#options = options;
    this.#limits = options.limits ?? {};
    this.proxy = proxyFor(this.endpoint.url, options.env ?? process.env);
    this.#secrets = [apiKey ?? "", ...Object.values(headers)].filter((secret) => secret.length >= 8);
  }

  /** One request and its answer, piece by piece. @throws as `exchange` does. */
  async *ask({ kind, refuse, ...call }: Call): AsyncGenerator<Chunk, boolean, void> {
    // Not before it is needed: most of the time goes into loading Node's own modules for it.
    const { DEFAULT_LIMITS, exchange } = await import("./exchange.ts");
    return yield* exchange({
      ...call,
      server: this.endpoint.label,
      headers: {
        "content-type": "application/json",
        accept: call.streamed ? "text/event-stream, application/json" : "application/json",
        ...this.endpoint.authorization,
        ...this.#options.headers,
      },
      proxy: this.proxy,
      limits: { ...DEFAULT_LIMITS, ...this.#limits },
      bounds: this.#options.bounds ?? DEFAULT_ANSWER_BOUNDS,
      refuse: (status, headers, body) => {
        const shown = this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), body);
        return refuse({ said: readError(status, shown), headers, kind, path: call.url.pathname });
      },
    });
  }

  /** The error that a refusal means. */
  faultOf({ said, headers, kind, path }: Refusal): FaultError {
    const { model, service, now = Date.now } = this.#options;
    const hasKey = Object.keys(this.endpoint.authorization).length > 0;
    const { keyOrigin } = this.#options;
    const asked = { model, server: this.endpoint.label, kind, service, hasKey, keyOrigin, path };
    return new FaultError(faultOf(said, asked, retryAfter(headers, said.message, now())), {
      cause: new Error(said.message),
    });
  }
}
