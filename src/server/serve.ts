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
    /** Address to listen on; 127.0.0.1 if absent. Any other that is not this machine alone needs a key to have been made. */
    readonly host?: string | undefined;
    /** 8283, where Letta's clients look for a server, if absent; 0 for any that is free. */
    readonly port?: number | undefined;
    /** URL at which other servers of the same database reach this one; its own if absent. */
    readonly address?: string | undefined;
    /** Names under which the server is reached, beside its address. */
    readonly allowHosts?: readonly string[] | undefined;
    /** Origins whose web pages may call the server; none if absent. */
    readonly allowOrigins?: readonly string[] | undefined;
    /** Whether a model, tool or embedding that the server does not have is refused, in place of taking its own. */
    readonly strict?: boolean | undefined;
    /** Requests a second that one user may make for a while; 1,000 if absent. */
    readonly rate?: number | undefined;
    /** Told of every request, without what was said; nobody if absent. */
    readonly log?: Log | undefined;
    /** Milliseconds between the pings of streams; 20,000 if absent. */
    readonly pingMs?: number | undefined;
    /** What the server calls its version; that of the package if absent. */
    readonly version?: string | undefined;
  };

/** A server that is up. */
export type RunningServer = {
  readonly url: string;
  readonly accounts: Accounts;
  /** Stops accepting requests, waits up to `drainMs` milliseconds for running turns, stops those still running, and closes every agent. */
  close(drainMs?: number): Promise<void>;
};

/** Addresses that are all of this machine's. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

const DEFAULT_PORT = 8283;
const DRAIN_MS = 30_000;

/** Longer than proxies keep a connection that nobody uses, so that they and not the server close it, under no request. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Serves the agents of a home directory, or of a database, over HTTP.
 *
 * @throws MemGPTError `config_invalid` for an address beyond this machine as long as there is no key; `storage_failed` if
 *   the address cannot be listened on.
 */
export async function serve(options: ServeOptions = {}): Promise<RunningServer> {
  const { host = "127.0.0.1", port = DEFAULT_PORT, strict = false, log = () => undefined } = options;
  const { dir, database, env, llm, embedder, functions, useOpenAiKey, now, newId } = options;
  const open = { database, env, llm, embedder, functions, useOpenAiKey, now, newId };
  const memgpt = await MemGPT.open({ ...open, dir });
  // A server that could open no agent says so at its start.
  if (memgpt.database !== undefined) await memgpt.listAgents();
  const accounts = new Accounts(memgpt.home.root);
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
  const runs = new Runs();
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
  const server = await listening(app.fetch, host, port);
  const { port: bound } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  await owners.announce(options.address ?? `http://${EVERYWHERE.has(host) ? hostname() : name}:${bound}`);
  let closing: Promise<void> | undefined;
  const close = async (drainMs: number): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    const impatience = setTimeout(() => {
      runs.cancelAll();
    }, drainMs);
    await owners.close();
    clearTimeout(impatience);
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

async function listening(fetch: Parameters<typeof listen>[0]["fetch"], host: string, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      maxHeaderSize: 32_768,
      headersTimeout: 15_000,
      requestTimeout: 120_000,
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
