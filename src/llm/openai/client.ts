import { AzureOpenAI, OpenAI } from "openai";
import type { Connection } from "../../schema/connection.ts";
import type { Address } from "./address.ts";
import { type Route, type SendInit, send } from "./transport.ts";

export type ServerRequest = {
  readonly connection: Pick<Connection, "apiKey" | "headers">;
  readonly address: Address;
  readonly method: "get" | "post";
  /** Relative to the server's base URL, or a whole URL. */
  readonly path: string;
  /** Names the deployment on Azure. */
  readonly model?: string;
  readonly body?: object;
  readonly accept: string;
  readonly signal: AbortSignal;
  readonly route: Route;
};

/**
 * Sends one request as the `openai` client words it, and waits for the head of the answer.
 *
 * @returns a successful answer, its body unread.
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

type Send = (url: string, init: SendInit) => Promise<Response>;

/** A client whose requests go through `fetch`, and which takes nothing from the environment. */
export function clientOf(
  { connection, address, model }: Pick<ServerRequest, "connection" | "address" | "model">,
  fetch: Send,
): OpenAI {
  const headers = headersOf(connection, address);
  const options = {
    // The key is in `headers`; without one here, the client would look in the environment.
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
    fetch: async (url: unknown, init: SendInit = {}) =>
      fetch(String(url), { ...init, headers: onlyOwn(headers, init.headers) }),
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

const REQUEST_HEADERS = new Set(["accept", "content-type"]);

/**
 * Drops the headers that the client adds: a description of the machine, and those in `OPENAI_CUSTOM_HEADERS`, which may hold
 * secrets meant for another server.
 */
function onlyOwn(own: OwnHeaders, all: SendInit["headers"]): Headers {
  const kept = [...new Headers(all)].filter(([name]) => name in own || REQUEST_HEADERS.has(name));
  return new Headers(kept);
}
