import type { Config } from "./config.ts";
import type { Origin } from "./load-config.ts";
import { isLoopback } from "../schema/loopback.ts";
import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";
import { hostedAt } from "./providers.ts";
import type { Connection } from "../schema/connection.ts";
import type { AgentSettings, EmbeddingSettings } from "../schema/state.ts";

/** A key and its origin: an environment variable, or the name of a file. */
export type FoundKey = { readonly key: string; readonly origin: string };

export type CredentialSources = {
  readonly env: NodeJS.ProcessEnv;
  readonly config: Config;
  /** The source of `config.openai_api_key`. */
  readonly configKeyOrigin: Origin | undefined;
  /** Whether `OPENAI_API_KEY` may be sent to every endpoint that has no key of its own. */
  readonly useOpenAiKey?: boolean | undefined;
};

/** Keys by endpoint. Each is sent to the endpoint that it was given for, and to no other. */
export class Credentials {
  readonly #sources: CredentialSources;
  readonly #stored: Map<string, string>;
  readonly #typed: { readonly endpoint: string; readonly key: string | undefined } | undefined;

  /** `stored`: keys by normalised endpoint. `typed`: a key that a person has just entered, stored or not. */
  constructor(
    sources: CredentialSources,
    stored: ReadonlyMap<string, string>,
    typed?: { readonly endpoint: string; readonly key: string | undefined },
  ) {
    this.#sources = sources;
    this.#stored = new Map(stored);
    this.#typed = typed;
  }

  /** The keys in `credentials.json`, by endpoint. */
  get stored(): ReadonlyMap<string, string> {
    return this.#stored;
  }

  /** A copy with `key` for `endpoint`, whatever is stored; undefined: no key. */
  withKey(endpoint: string | null, key: string | undefined): Credentials {
    return new Credentials(this.#sources, this.#stored, { endpoint: normalEndpoint(endpoint), key });
  }

  /** Adds a key that was stored after these were loaded. */
  learn(endpoint: string | null, key: string): void {
    this.#stored.set(normalEndpoint(endpoint), key);
  }

  /** The connection to a model's server. */
  modelConnection({ endpoint, options }: Pick<AgentSettings, "endpoint" | "options">): Connection {
    return { ...this.#keyedConnection(endpoint), headers: options.headers, apiVersion: options.apiVersion };
  }

  /** The connection to an embedding or reranking server. Only the model's own server gets its headers and `api-version`. */
  embeddingConnection({ endpoint }: Pick<EmbeddingSettings, "endpoint">): Connection {
    const { api_version: apiVersion, extra_headers: headers, model_endpoint: own } = this.#sources.config;
    const isShared = originOf(endpoint) === originOf(own);
    return {
      ...this.#keyedConnection(endpoint),
      ...(isShared ? { headers, apiVersion } : { headers: {}, apiVersion: null }),
    };
  }

  /**
   * The key for an endpoint (null: OpenAI), from the most specific source: `MEMGPT_API_KEY`, the service's own variable,
   * `credentials.json`, and last OpenAI's key, for OpenAI itself and wherever a person allowed it to be sent.
   */
  keyFor(endpoint: string | null): FoundKey | undefined {
    const { env } = this.#sources;
    if (this.#typed?.endpoint === normalEndpoint(endpoint)) {
      const { key } = this.#typed;
      return key === undefined ? undefined : { key, origin: "your input" };
    }
    const variable = hostedAt(endpoint)?.keyVariable;
    for (const name of ["MEMGPT_API_KEY", variable]) {
      const key = name === undefined || name === null ? undefined : env[name];
      if (name !== undefined && name !== null && key !== undefined && key !== "") return { key, origin: name };
    }
    const stored = mostSpecific([...this.#stored], endpoint);
    if (stored !== undefined) return { key: stored, origin: "credentials.json" };
    if (!this.#maySendOpenAiKey(endpoint)) return undefined;
    const openAi = mostSpecific([...this.#stored], null);
    return this.openAiKey ?? (openAi === undefined ? undefined : { key: openAi, origin: "credentials.json" });
  }

  /** OpenAI's key from outside `credentials.json`. */
  get openAiKey(): FoundKey | undefined {
    const { config, configKeyOrigin } = this.#sources;
    if (config.openai_api_key === null) return undefined;
    const origin = configKeyOrigin?.from === "environment" ? configKeyOrigin.variable : "config.json";
    return { key: config.openai_api_key, origin };
  }

  /** Whether OpenAI's key is the only one for `endpoint`, and a person has not yet decided whether it may be sent there. */
  isOpenAiKeyUndecided(endpoint: string | null): boolean {
    if (this.keyFor(endpoint) !== undefined || this.openAiKey === undefined) return false;
    return mostSpecific(Object.entries(this.#sources.config.use_openai_key), endpoint) === undefined;
  }

  /** A warning to show before a key is sent to `endpoint`, if one is due. */
  warningFor(endpoint: string | null): string | undefined {
    const found = this.keyFor(endpoint);
    if (found === undefined || endpoint === null || !/^http:/i.test(endpoint) || isLoopback(endpoint)) return undefined;
    return `The key from ${found.origin} goes to ${endpoint} over plain http: anyone on the way can read it. Use https if the server supports it.`;
  }

  #keyedConnection(endpoint: string | null): Pick<Connection, "endpoint" | "apiKey" | "keyOrigin"> {
    const found = this.keyFor(endpoint);
    return { endpoint, apiKey: found?.key ?? null, keyOrigin: found?.origin };
  }

  #maySendOpenAiKey(endpoint: string | null): boolean {
    const { config, useOpenAiKey } = this.#sources;
    if (hostedAt(endpoint)?.id === "openai" || useOpenAiKey === true) return true;
    return mostSpecific(Object.entries(config.use_openai_key), endpoint) === true;
  }
}

/** The value given for `endpoint` or for a URL above it; of several, the one with the longest URL. */
function mostSpecific<T>(
  values: readonly (readonly [url: string, value: T])[],
  endpoint: string | null,
): T | undefined {
  const target = normalEndpoint(endpoint);
  const [best] = values
    .map(([url, value]) => [normalEndpoint(url), value] as const)
    .filter(([url]) => target === url || target.startsWith(`${url}/`))
    .sort(([a], [b]) => b.length - a.length);
  return best?.[1];
}

/** `sk-…abcd`: enough to recognise a key, too little to use it. Shows nothing of a short key. */
export function redacted(key: string): string {
  const MOST_SHOWN = 7;
  if (key.length < 4 * MOST_SHOWN - 8) return "…";
  return `${key.startsWith("sk-") ? "sk-" : ""}…${key.slice(-4)}`;
}

/** Normalises a URL, so that equal ones compare equal. Null is OpenAI. */
export function normalEndpoint(endpoint: string | null): string {
  const text = endpoint ?? OPENAI_ENDPOINT;
  return (URL.canParse(text) ? new URL(text).href : text).replace(/\/+$/, "");
}

function originOf(url: string | null): string {
  return url !== null && URL.canParse(url) ? new URL(url).origin : "";
}
