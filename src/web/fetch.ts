import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { MemGPTError, describe } from "../errors.ts";
import { decoded } from "./decoded.ts";
import { type Lookup, type Target, resolveTarget } from "./target.ts";

export type WebRequest = {
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Most bytes of the decompressed body; a larger one is an error. */
  readonly mostBytes: number;
  /** Limit for the whole request, redirects included. */
  readonly timeoutMs: number;
  /** Hosts (with any non-default port) that may have a private address or an unusual port. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Resolves a host name to its addresses (default: the system's resolver). */
  readonly lookup?: Lookup | undefined;
};

export type WebResponse = {
  /** After redirects. */
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that are not sent to another host. */
const PERSONAL: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

/**
 * Fetches a URL from the public internet, and from nowhere else: the resolved address is checked, exactly that address is
 * connected to, and every redirect is checked again. Ignores proxies from the environment.
 *
 * @throws MemGPTError `invalid_input` for a forbidden URL; `not_found` if nothing usable came back; `interrupted` if `signal`
 *   is aborted.
 */
export async function fetchPublic(url: string, request: WebRequest): Promise<WebResponse> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  try {
    return await follow(url, request, signal);
  } catch (error) {
    if (request.signal?.aborted === true) throw new MemGPTError("interrupted", `Stopped fetching ${shown(url)}.`);
    if (error instanceof MemGPTError) throw error;
    const reason = deadline.aborted ? `no answer within ${request.timeoutMs / 1000} seconds` : describe(error);
    throw new MemGPTError("not_found", `${shown(url)} could not be fetched: ${reason}.`, { cause: error });
  }
}

async function follow(first: string, request: WebRequest, signal: AbortSignal): Promise<WebResponse> {
  let [url, current] = [first, request];
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const target = await resolveTarget(url, current);
    const response = await send(target, current, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (!REDIRECTS.has(status) || location === undefined) return await received(target, response, current.mostBytes);
    response.destroy();
    if (!URL.canParse(location, url)) {
      throw new MemGPTError("not_found", `${shown(url)} redirects to ${JSON.stringify(location)}, which is not a URL.`);
    }
    const next = new URL(location, url);
    current = redirected(current, status, next.origin === target.url.origin);
    url = next.href;
  }
  throw new MemGPTError("not_found", `${shown(first)} redirects more than ${MOST_REDIRECTS} times.`);
}

/** The request to send after a redirect. As in browsers, it may become a GET, and another host gets no credentials. */
function redirected(request: WebRequest, status: number, isSameOrigin: boolean): WebRequest {
  const isGet = status === 303 || (status < 303 && request.method === "POST");
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => {
    const key = name.toLowerCase();
    return (isSameOrigin || !PERSONAL.has(key)) && !(isGet && key.startsWith("content-"));
  });
  return { ...request, headers: Object.fromEntries(headers), ...(isGet ? { method: "GET", body: undefined } : {}) };
}

function send({ url, addresses }: Target, request: WebRequest, signal: AbortSignal): Promise<IncomingMessage> {
  // Only the checked addresses: a second lookup could return others.
  const lookup: LookupFunction = (_, { all }, done) => {
    const [first] = addresses;
    if (all === true) done(null, [...addresses]);
    else done(null, first?.address ?? "", first?.family);
  };
  const options = {
    method: request.method ?? "GET",
    headers: { "accept-encoding": "gzip, deflate, br", "user-agent": "memgpt", ...request.headers },
    agent: false,
    lookup,
    signal,
  };
  return new Promise((resolve, reject) => {
    const sent = (url.protocol === "https:" ? requestHttps : requestHttp)(url, options, resolve);
    sent.on("error", reject);
    sent.end(request.body);
  });
}

async function received({ url }: Target, response: IncomingMessage, most: number): Promise<WebResponse> {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  const body = await whole(decoded(response), most, url.href);
  return { url: url.href, status: response.statusCode ?? 0, headers, body };
}

async function whole(stream: Readable, most: number, url: string): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) {
      stream.destroy();
      throw new MemGPTError("not_found", `${shown(url)} is larger than ${most.toLocaleString("en-US")} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function shown(url: string): string {
  return url.length <= 200 ? url : `${url.slice(0, 200)}…`;
}
