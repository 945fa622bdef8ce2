import { AzureOpenAI, OpenAI } from "openai";
import type { Connection } from "../../schema/connection.ts";
import type { Address } from "./address.ts";
import { type Route, type Sent, send } from "./transport.ts";

export type ServerRequest = {
  readonly connection: Pick<Connection, "apiKey" | "headers">;
  readonly address: Address;
  readonly method: "get" | "post";
  /** Below the base URL of the server, or a whole URL. */
  readonly path: string;
  /** Whose deployment is meant, on Azure. */
  readonly model?: string;
  readonly body?: object;
  readonly accept: string;
  readonly signal: AbortSignal;
  readonly route: Route;
};

/**
 * Sends one request as the `openai` client words it, and waits for the head of the answer.
 *
 * @returns an answer with a status of success, its body unread.
 * @throws RefusedError for any other status; what `send` throws; the signal's reason.
 */
export async function request({ method, path, body, accept, signal, ...server }: ServerRequest): Promise<Response> {
  const { route } = server;
  // The client wraps what its `fetch` throws, and drops the cause of whatever mentions a timeout.
  let failure: unknown;
  const client = clientOf(server, async (url, init) => {
    try {
      return await send(url, init, route);
    } catch (error) {
      failure = error;
      throw error;
    }
  });
  try {
    return await client[method](path, {
      ...(body === undefined ? {} : { body }),
      headers: { accept },
      signal,
    }).asResponse();
  } catch (error) {
    signal.throwIfAborted();
    throw failure ?? error;
  }
}

/** Longer than any of our own limits; the client's own is ten minutes. */
const NO_TIMEOUT = 2 ** 31 - 1;

type Send = (url: string, init: Sent) => Promise<Response>;

/** The client, whose requests go through `fetch`. It finds nothing in the environment that it would use. */
export function clientOf(
  { connection, address, model }: Pick<ServerRequest, "connection" | "address" | "model">,
  fetch: Send,
): OpenAI {
  const headers = headersOf(connection, address);
  const options = {
    // What is sent is in `headers`; without a key here, the client would look for one in the environment.
    apiKey: "unused",
    baseURL: address.base,
    defaultQuery: { ...address.query },
    defaultHeaders: headers,
    organization: null,
    project: null,
    adminAPIKey: null,
    maxRetries: 0,
    timeout: NO_TIMEOUT,
    logLevel: "off" as const,
    fetch: async (url: unknown, init: Sent = {}) =>
      fetch(String(url), { ...init, headers: only(headers, init.headers) }),
  };
  const { azureVersion } = address;
  if (azureVersion === null) return new OpenAI(options);
  const { adminAPIKey: _, ...azure } = options;
  return new AzureOpenAI({
    ...azure,
    apiVersion: azureVersion,
    ...(model === undefined ? {} : { deployment: encodeURIComponent(model) }),
  });
}

type OwnHeaders = Readonly<Record<string, string | null>>;

function headersOf({ apiKey, headers }: ServerRequest["connection"], { kind }: Address): OwnHeaders {
  const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    authorization: apiKey === null || kind === "azure" ? null : `Bearer ${apiKey}`,
    "api-key": kind === "azure" ? apiKey : null,
    "user-agent": "memgpt",
    ...Object.fromEntries(own),
  };
}

const OF_THE_REQUEST = new Set(["accept", "content-type"]);

/**
 * The client adds headers of its own accord: what machine it runs on, and those in `OPENAI_CUSTOM_HEADERS`, which may hold
 * secrets and are meant for one server. None of them is sent.
 */
function only(own: OwnHeaders, all: Sent["headers"]): Headers {
  const kept = [...new Headers(all)].filter(([name]) => name in own || OF_THE_REQUEST.has(name));
  return new Headers(kept);
}
