import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { Agent, type Dispatcher, Pool, ProxyAgent, buildConnector, request } from "undici";
import { TooSlowError } from "./deadline.ts";
import { textOf } from "./lines.ts";
import { ProxyError, checkProxy, isSocks } from "./proxy.ts";
import { RefusedError } from "./server-error.ts";

/** How to reach a server. */
export type Route = {
  readonly proxy: URL | null;
  /** Longest wait for a connection, including the proxy's, in milliseconds. */
  readonly connectMs: number;
};

/** The part of a `RequestInit` that the `openai` client fills in. */
export type SendInit = Pick<RequestInit, "method" | "headers" | "body" | "signal">;

const LONGEST_BODY = 100_000;

/**
 * `fetch` over undici. Its own `fetch` does not serve: it refuses some sixty ports that a local server may listen on, adds
 * headers that browsers send, and decompresses answers, which holds back a stream.
 *
 * @throws RefusedError, TooSlowError, ProxyError, and what undici throws.
 */
export async function send(url: string, { method, headers, body, signal }: SendInit, route: Route): Promise<Response> {
  const target = new URL(url);
  signal?.throwIfAborted();
  const dispatcher = dispatcherFor(route, signal ?? undefined);
  try {
    const answering = request(target, {
      dispatcher,
      method: method === "GET" ? "GET" : "POST",
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === "string" ? body : null,
      // Every request has its own connection: a server may close a kept one just when it is reused.
      reset: true,
      // The caller's `signal` sets the limits: undici's timers are accurate to a second and count comments as data.
      headersTimeout: 0,
      bodyTimeout: 0,
      signal: signal ?? null,
    });
    return await responseOf(await answerOrAbort(signal, answering), target.pathname);
  } catch (error) {
    void dispatcher.destroy();
    throw translated(error, route);
  }
}

/** Rejects as soon as the signal is aborted, which undici notices only once it has a connection. */
async function answerOrAbort<T>(signal: SendInit["signal"], answering: Promise<T>): Promise<T> {
  if (signal === undefined || signal === null) return answering;
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = (): void => {
      reject(reasonOf(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
    const stopListening = (): void => {
      signal.removeEventListener("abort", onAbort);
    };
    answering.then(stopListening, stopListening);
  });
  return Promise.race([answering, aborted]);
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}

async function responseOf(
  { statusCode: status, headers, body }: Dispatcher.ResponseData,
  path: string,
): Promise<Response> {
  const all = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    for (const item of [value ?? []].flat()) all.append(name, item);
  }
  if (status < 200 || status >= 300)
    throw new RefusedError(status, { headers: all, body: await textOf(body, LONGEST_BODY), path });
  const isEmpty = status === 204 || status === 205;
  if (isEmpty) await body.dump();
  return new Response(isEmpty ? null : streamOf(body), { status, headers: all });
}

/**
 * `Readable.toWeb` for a body that may be cancelled at any moment. Node's own keeps enqueuing what it had buffered, and that
 * error ends the process.
 */
function streamOf(body: Readable): ReadableStream<Uint8Array> {
  const pieces: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece: IteratorResult<Uint8Array, unknown> = await pieces.next();
        if (piece.done === true) controller.close();
        else controller.enqueue(piece.value);
      },
      cancel() {
        body.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

function dispatcherFor({ proxy, connectMs }: Route, signal: AbortSignal | undefined): Dispatcher {
  const direct = abortable(buildConnector({ timeout: connectMs }), signal);
  if (proxy === null) return new Agent({ connect: direct });
  checkProxy(proxy);
  if (isSocks(proxy)) {
    return new Agent({
      connect: (options, callback) => {
        import("./socks.ts")
          .then(({ socksTunnel }) => socksTunnel(options, proxy, connectMs, signal))
          .then((socket) => {
            if (options.protocol === "https:") direct({ ...options, httpSocket: socket }, callback);
            else callback(null, socket);
          })
          .catch((error: unknown) => {
            callback(error instanceof Error ? error : new Error(String(error)), null);
          });
      },
    });
  }
  const authorization = authorizationFor(proxy);
  return new ProxyAgent({
    uri: proxy.href,
    // The proxy forwards plain requests; encrypted ones go through a tunnel.
    proxyTunnel: false,
    ...(authorization === undefined ? {} : { token: authorization }),
    requestTls: { timeout: connectMs },
    proxyTls: { timeout: connectMs },
    clientFactory: (origin) => new Pool(origin, { connect: direct, headersTimeout: connectMs }),
  });
}

/** Undici's connectors return the socket before it is connected; their type does not say so. */
type Connect = (...args: Parameters<buildConnector.connector>) => unknown;

/** Destroys the socket on abort: undici would go on connecting, which keeps the process alive. */
function abortable(connect: Connect, signal: AbortSignal | undefined): buildConnector.connector {
  return (options, callback) => {
    const socket = connect(options, callback);
    if (signal === undefined || !(socket instanceof Socket)) return;
    const onAbort = (): void => {
      socket.destroy(reasonOf(signal));
    };
    signal.addEventListener("abort", onAbort, { once: true });
  };
}

function authorizationFor({ username, password }: URL): string | undefined {
  if (username === "") return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** Replaces undici's errors whose code says too little. */
function translated(error: unknown, { proxy, connectMs }: Route): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  if (error.code === "UND_ERR_CONNECT_TIMEOUT") return new TooSlowError("no connection", connectMs);
  // This limit is set for the proxy only.
  if (error.code === "UND_ERR_HEADERS_TIMEOUT") return new TooSlowError("no connection", connectMs);
  const status = /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(error.message)?.[1];
  return status === undefined || proxy === null
    ? error
    : new ProxyError(`the proxy ${proxy.host} answered ${status}`, { cause: error });
}
