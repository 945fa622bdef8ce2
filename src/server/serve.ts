import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname } from "node:os";
import { serve as listen } from "@hono/node-server";
import { type AgentHostOptions, MemGPT, MemGPTError, type MemGPTOptions, isLoopback } from "../index.ts";
import { describe } from "../errors.ts";
import { programVersion } from "../version.ts";
import { createApp } from "./app.ts";
import { Accounts } from "./house/accounts.ts";
import { Metrics } from "./house/metrics.ts";
import { Models } from "./house/models.ts";
import { Owners } from "./house/owners.ts";
import { Runs } from "./house/runs.ts";
import type { Log } from "./http/observe.ts";

export type ServeOptions = Omit<MemGPTOptions, "settingsDir" | "owner"> &
  AgentHostOptions & {
    /** Address to listen on; 127.0.0.1 if absent. An address beyond loopback requires that a key exists. */
    readonly host?: string | undefined;
    /** Port; 8283 if absent, where Letta's clients look for a server. 0 picks a free one. */
    readonly port?: number | undefined;
    /** URL at which other servers on the same database reach this one; the URL it listens on if absent. */
    readonly address?: string | undefined;
    /** Host names, besides its address, under which the server is reached. */
    readonly allowHosts?: readonly string[] | undefined;
    /** Origins whose web pages may call the server; none if absent. */
    readonly allowOrigins?: readonly string[] | undefined;
    /** Refuse a model, tool or embedding that the server lacks, instead of falling back to its own. */
    readonly strict?: boolean | undefined;
    /** Sustained requests per second allowed to one user; 1,000 if absent. */
    readonly rate?: number | undefined;
    /** Milliseconds for a client to send a request's headers (default: 15,000), and the whole request (default: 120,000). */
    readonly headersMs?: number | undefined;
    readonly requestMs?: number | undefined;
    /** Receives every request, without its contents. */
    readonly log?: Log | undefined;
    /** Milliseconds between the pings of streams; 20,000 if absent. */
    readonly pingMs?: number | undefined;
    /** Version that the server reports; the package's if absent. */
    readonly version?: string | undefined;
  };

/** A server that is up. */
export type RunningServer = {
  readonly url: string;
  readonly accounts: Accounts;
  /** Stops accepting requests, waits up to `drainMs` milliseconds for running turns, stops those still running, and closes every agent. */
  close(drainMs?: number): Promise<void>;
};

/** Wildcard addresses: no other machine can call one of them. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

const DEFAULT_PORT = 8283;
const DRAIN_MS = 30_000;
const HEADERS_MS = 15_000;
const REQUEST_MS = 120_000;
/** Milliseconds between checks for slow requests; less if a limit is shorter. */
const CHECK_EVERY_MS = 5_000;

/** Longer than proxies keep an idle connection, so that the proxy closes it and no request meets a closed one. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves the agents of a home directory, or of a database, over HTTP.
 *
 * @throws MemGPTError `config_invalid` for an address beyond this machine while no key exists; `storage_failed` if the
 *   server cannot listen on the address.
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const { host = "127.0.0.1", port = DEFAULT_PORT, strict = false, log = () => undefined } = options;
  const { dir, database, env, llm, embedder, functions, useOpenAiKey, now, newId } = options;
  const open = { database, env, llm, embedder, functions, useOpenAiKey, now, newId };
  const memgpt = await MemGPT.open({ ...open, dir });
  // Fails at start rather than at the first request if the database is unusable.
  if (memgpt.database !== undefined) await memgpt.listAgents();
  const accounts = new Accounts(memgpt.records("accounts"));
  await accounts.refresh();
  const isLocal = isLoopback(`http://${host.includes(":") ? `[${host}]` : host}`);
  if (!isLocal && !accounts.hasKeys) {
    throw new MemGPTError(
      "config_invalid",
      `Others could reach ${host}, and there is no key yet: anybody could talk to your agents. Make one with ` +
        "`memgpt keys create`, or listen on 127.0.0.1. The server was not started.",
    );
  }
  const { mostOpen = 256, idleMs, mostWaiting } = options;
  const owners = new Owners({ memgpt, open, mostOpen, idleMs, mostWaiting });
  const runs = new Runs(await memgpt.database?.processId());
  const models = new Models(memgpt, strict);
  const service = { accounts, owners, models, runs, metrics: new Metrics(), pingMs: options.pingMs ?? 20_000 };
  const app = createApp(service, {
    isLocal,
    hosts: (options.allowHosts ?? []).map((name) => name.toLowerCase()),
    origins: options.allowOrigins ?? [],
    rate: options.rate ?? 1000,
    log,
    version: options.version ?? programVersion(),
  });
  const { headersMs = HEADERS_MS, requestMs = REQUEST_MS } = options;
  const server = await listening(app.fetch, { host, port, headersMs, requestMs });
  server.on("connection", () => {
    owners.entrance.connected();
  });
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  await owners.announce(options.address ?? `http://${EVERYWHERE.has(host) ? hostname() : name}:${bound}`);
  let closing: Promise<void> | undefined;
  const close = async (drainMs: number): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    const drained = setTimeout(() => {
      runs.cancelAll();
    }, drainMs);
    await owners.close(async () => runs.settled());
    clearTimeout(drained);
    server.closeIdleConnections();
    setTimeout(() => {
      server.closeAllConnections();
    }, 1000).unref();
    await closed;
  };
  return {
    url: `http://${name}:${bound}`,
    accounts,
    close: (drainMs = DRAIN_MS) => (closing ??= close(drainMs)),
  };
}

type Listening = {
  readonly host: string;
  readonly port: number;
  readonly headersMs: number;
  readonly requestMs: number;
};

async function listening(
  fetch: Parameters<typeof listen>[0]["fetch"],
  { host, port, headersMs, requestMs }: Listening,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      maxHeaderSize: 32_768,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, headersMs, requestMs),
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    const server = listen({ fetch, hostname: host, port, serverOptions }, () => {
      server.off("error", fail);
      resolve(server as Server);
    });
    const fail = (cause: NodeJS.ErrnoException): void => {
      const isTaken = cause.code === "EADDRINUSE";
      const why = isTaken ? "another program listens there" : describe(cause);
      const text = `Cannot listen on ${host}:${port}: ${why}. Choose another --port. Nothing was started.`;
      reject(new MemGPTError("storage_failed", text, { cause }));
    };
    server.once("error", fail);
  });
}
