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
  /** Of the body, after decompression, in bytes. More than that is an error. */
  readonly mostBytes: number;
  /** For everything, redirects included. */
  readonly timeoutMs: number;
  /** Hosts, with their port where it is not the scheme's, that may be at a private address or an unusual port. */
  readonly allowedHosts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Every address of a host name; the system's resolver if absent. */
  readonly lookup?: Lookup | undefined;
};

export type WebResponse = {
  /** Where the last redirect led. */
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Headers that are for the host they were meant for and no other. */
const PERSONAL: ReadonlySet<string> = new Set(["authorization", "cookie", "proxy-authorization"]);

/**
 * Fetches a URL from the public internet, and from nowhere else: the address is checked after the name was resolved, that
 * very address is connected to, and every redirect is checked again. No proxy of the environment is used.
 *
 * @throws MemGPTError `invalid_input` for a URL that may not be asked; `not_found` where nothing usable came back;
 *   `interrupted` if `signal` is aborted.
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
  let [url, asked] = [first, request];
  for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
    const target = await resolveTarget(url, asked);
    const response = await send(target, asked, signal);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (!REDIRECTS.has(status) || location === undefined) return await received(target, response, asked.mostBytes);
    response.destroy();
    if (!URL.canParse(location, url)) {
      throw new MemGPTError("not_found", `${shown(url)} redirects to ${JSON.stringify(location)}, which is not a URL.`);
    }
    const next = new URL(location, url);
    asked = redirected(asked, status, next.origin === target.url.origin);
    url = next.href;
  }
  throw new MemGPTError("not_found", `${shown(first)} redirects more than ${MOST_REDIRECTS} times.`);
}

/** As browsers do: what is not asked for again as it was becomes a GET, and another host gets no credentials. */
function redirected(request: WebRequest, status: number, isSameOrigin: boolean): WebRequest {
  const isGet = status === 303 || (status < 303 && request.method === "POST");
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => {
    const key = name.toLowerCase();
    return (isSameOrigin || !PERSONAL.has(key)) && !(isGet && key.startsWith("content-"));
  });
  return { ...request, headers: Object.fromEntries(headers), ...(isGet ? { method: "GET", body: undefined } : {}) };
}

function send({ url, addresses }: Target, request: WebRequest, signal: AbortSignal): Promise<IncomingMessage> {
  // The checked addresses and no others: a second lookup could give another answer.
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
