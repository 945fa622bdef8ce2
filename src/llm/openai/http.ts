import { type IncomingMessage, type RequestOptions, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { throughProxy, tunnel } from "./tunnel.ts";
import { checkProxy, isSocks, socksTunnel } from "./socks.ts";

export type HttpRequest = {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly proxy: URL | null;
  readonly signal: AbortSignal;
  /** Called when the server can be reached; how long it takes to answer is another matter. */
  readonly onConnected?: () => void;
};

/**
 * Sends one request and waits for the head of its answer. Node's own `fetch` knows no proxies before Node 24, cannot tell
 * connecting from waiting, and gives up on an answer after five minutes, which a local model may well take to load.
 *
 * @throws what Node throws, or the signal's reason.
 */
export async function send(request: HttpRequest): Promise<IncomingMessage> {
  const { method, body, signal } = request;
  signal.throwIfAborted();
  const connection = await connectionOf(request);
  const secure = connection.options.protocol === "https:";
  const headers = { ...connection.headers, connection: "close", "user-agent": "memgpt", ...request.headers };
  return new Promise((resolve, reject) => {
    const sending = (secure ? httpsRequest : httpRequest)({ ...connection.options, method, headers, signal });
    sending.on("socket", (socket) => {
      if (!secure && !socket.connecting) request.onConnected?.();
      socket.once(secure ? "secureConnect" : "connect", () => request.onConnected?.());
    });
    // Stays, since an error after the head of the answer would otherwise end the process; who reads the body hears of it too.
    sending.on("error", reject);
    sending.on("response", resolve);
    sending.end(body);
  });
}

type Connection = { readonly options: RequestOptions; readonly headers: Readonly<Record<string, string>> };

async function connectionOf({ url, proxy, signal }: HttpRequest): Promise<Connection> {
  // Each request has a connection of its own: one kept alive may be closed by the server just when it is used again.
  if (proxy === null) return { options: { ...urlToHttpOptions(url), agent: false }, headers: {} };
  checkProxy(proxy);
  if (isSocks(proxy)) {
    const socket = await socksTunnel(url, proxy, signal);
    return { options: { ...urlToHttpOptions(url), createConnection: () => socket }, headers: { host: url.host } };
  }
  if (url.protocol === "http:") {
    const { headers, ...options } = throughProxy(url, proxy);
    return { options: { ...options, agent: false }, headers };
  }
  const socket = await tunnel(url, proxy, signal);
  return { options: { ...urlToHttpOptions(url), createConnection: () => socket }, headers: { host: url.host } };
}
