import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { freePort } from "./free-port.ts";
import { TEST_SERVER } from "./postgres.ts";

/** PostgreSQL refuses to run as root: "nobody" runs it then. */
const NOBODY = 65_534;

/** A busy machine takes long to remove a thousand files. */
const STOPPING_MS = 60_000;

/** Where the programs of a PostgreSQL server are; undefined if none is installed, or no server is to be tested with. */
const PROGRAMS = TEST_SERVER === undefined ? undefined : programs();

/** Why no server can be started here; undefined where one can. */
export const missing =
  PROGRAMS === undefined ? "a PostgreSQL server to start, stop and kill: MEMGPT_TEST_PG or its programs" : undefined;

if (missing !== undefined && TEST_SERVER !== undefined) console.warn(`skipped: what needs ${missing}`);

function programs(): string | undefined {
  try {
    const versions = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(a) - Number(b));
    return join("/usr/lib/postgresql", versions.at(-1) ?? "", "bin");
  } catch {
    return undefined;
  }
}

/** A PostgreSQL server of a test's own, which the test may stop and kill. */
export class OwnPostgres {
  readonly url: string;
  readonly #data: string;
  readonly #port: number;
  #server: ChildProcess | undefined;

  /** @param folder where its data goes; a temporary folder if absent. */
  static async start(folder?: string): Promise<OwnPostgres> {
    const above = folder ?? mkdtempSync(join(tmpdir(), "memgpt-test-"));
    const data = join(above, "data");
    mkdirSync(data);
    chmodSync(above, 0o755);
    if (isRoot()) chownSync(data, NOBODY, NOBODY);
    const flags = ["--pgdata", data, "--auth", "trust", "--username", "postgres", "--no-sync", "--wal-segsize", "1"];
    await promisify(execFile)(program("initdb"), flags, asServer());
    const own = new OwnPostgres(data, await freePort());
    onTestFinished(async () => {
      await own.stop("SIGQUIT");
      rmSync(folder === undefined ? above : data, { recursive: true, force: true });
    }, STOPPING_MS);
    await own.start();
    return own;
  }

  private constructor(data: string, port: number) {
    this.#data = data;
    this.#port = port;
    this.url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  }

  /** Resolves when it can be asked. */
  async start(): Promise<void> {
    const settings = ["listen_addresses=127.0.0.1", "fsync=off", "min_wal_size=2MB", "max_wal_size=4MB"];
    const flags = ["-D", this.#data, "-p", String(this.#port), "-k", "", ...settings.flatMap((it) => ["-c", it])];
    for (;;) {
      const server = spawn(program("postgres"), flags, { ...asServer(), stdio: "ignore" });
      this.#server = server;
      while (server.exitCode === null && server.signalCode === null) {
        if ((await this.ask("SELECT 1").catch(() => [])).length > 0) return;
        await setTimeout(50);
      }
      // What the last one had in memory is still in use.
      await setTimeout(100);
    }
  }

  /** Ends it by a signal: SIGINT is a fast shutdown, SIGQUIT an immediate one, and SIGKILL none at all. */
  async stop(signal: "SIGINT" | "SIGQUIT" | "SIGKILL"): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, "exit");
    server.kill(signal);
    await ended;
  }

  /** Kills the processes that serve clients of this program, from outside. */
  async killBackends(): Promise<void> {
    const pids = await this.ask<{ pid: number }>(
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'memgpt' AND pid <> pg_backend_pid()",
    );
    for (const { pid } of pids) killIfThere(pid);
  }

  async ask<Row>(sql: string): Promise<Row[]> {
    const database = new PgDatabase({ url: this.url, mostConnections: 1 });
    try {
      return await database.query<Row>(sql);
    } finally {
      await database.close();
    }
  }
}

function program(name: string): string {
  return join(PROGRAMS ?? "", name);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function asServer(): { readonly uid?: number; readonly gid?: number; readonly cwd: string } {
  return { ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}), cwd: "/" };
}

/** One that has ended by itself needs no signal. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
