import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { MemGPT, MemGPTError } from "memgpt";
import { describe, expect, onTestFinished, test } from "vitest";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { messageOf } from "../crash/messages.ts";
import { examineRows } from "../crash/rows.ts";
import { temporaryFolder } from "../support/agents.ts";
import { OwnPostgres, missing } from "../support/own-postgres.ts";

const SLOWLY_MS = 120_000;

/** What happens to a server in the middle of a session. */
const FAULTS: readonly (readonly [what: string, fault: (server: OwnPostgres) => Promise<void>])[] = [
  ["is restarted", async (server) => restarted(server, "SIGINT")],
  ["is restarted at once, without an orderly end", async (server) => restarted(server, "SIGQUIT")],
  ["is killed and started again", async (server) => restarted(server, "SIGKILL")],
  ["loses the processes that serve the session", async (server) => server.killBackends()],
];

async function restarted(server: OwnPostgres, signal: "SIGINT" | "SIGQUIT" | "SIGKILL"): Promise<void> {
  await server.stop(signal);
  await server.start();
}

/** A person who talks without end: about one number after the other, each of which was acknowledged. */
class Session {
  acknowledged = 0;
  readonly #memgpt: MemGPT;

  static async with(server: OwnPostgres): Promise<Session> {
    const memgpt = await MemGPT.open({ dir: temporaryFolder(), env: {}, database: server.url });
    onTestFinished(async () => memgpt.close());
    return new Session(memgpt);
  }

  private constructor(memgpt: MemGPT) {
    this.#memgpt = memgpt;
  }

  /** Opens the agent, and goes on until that returns true. */
  async talk(isOver: () => boolean): Promise<void> {
    const isKnown = await this.#memgpt.hasAgent("sam");
    const agent = isKnown
      ? await this.#memgpt.openAgent("sam")
      : await this.#memgpt.createAgent({ name: "sam", contextWindow: 4096 });
    try {
      while (!isOver()) {
        await agent.ask(messageOf(this.acknowledged + 1));
        this.acknowledged += 1;
      }
    } finally {
      await agent.close().catch(() => undefined);
    }
  }
}

async function findingsIn(server: OwnPostgres, last: number): Promise<unknown> {
  const database = new PgDatabase({ url: server.url, mostConnections: 1 });
  const autopsy = await examineRows(database, "sam", { last });
  await database.close();
  return autopsy?.findings;
}

const NOTHING = { integrity: [], lost: [], halfSteps: [] };

describe.skipIf(missing !== undefined)("a server of PostgreSQL", () => {
  test.each(FAULTS)(
    "that %s only delays a session",
    async (_, fault) => {
      const server = await OwnPostgres.start();
      const session = await Session.with(server);
      let isOver = false;

      const talking = session.talk(() => isOver);
      for (let times = 1; times <= 2; times += 1) {
        const until = session.acknowledged + 2;
        while (session.acknowledged < until) await Promise.race([setTimeout(5), talking]);
        await fault(server);
      }
      isOver = true;
      await talking;

      expect(session.acknowledged).toBeGreaterThan(3);
      expect(await findingsIn(server, session.acknowledged)).toEqual(NOTHING);
    },
    SLOWLY_MS,
  );

  test(
    "that is down ends a session with a report of what is kept, and the session continues once it is back",
    async () => {
      const server = await OwnPostgres.start();
      const session = await Session.with(server);
      await session.talk(() => session.acknowledged === 2);

      let isGone: Promise<void> | undefined;
      const talking = session.talk(() => {
        isGone ??= server.stop("SIGKILL");
        return false;
      });
      await expect(talking).rejects.toMatchObject({ code: "storage_failed" });
      await expect(talking).rejects.toThrow(
        /ECONNREFUSED.*(Its contents are unchanged|opening the agent again shows it)/,
      );
      await server.start();
      // Until the process's own lease has ended, if the agent could not be let go.
      await session.talk(() => session.acknowledged > 4);

      expect(await findingsIn(server, session.acknowledged)).toEqual(NOTHING);
    },
    SLOWLY_MS,
  );

  test(
    "whose disk is full refuses with the reason, and works again once there is room",
    async ({ skip }) => {
      const disk = mounted();
      if (disk === undefined) return skip("a file system cannot be mounted here");
      const server = await OwnPostgres.start(disk);
      const session = await Session.with(server);
      await session.talk(() => session.acknowledged === 3);

      const filler = join(disk, "filler");
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(bavail * bsize));
      const refused = await session.talk(() => session.acknowledged > 500).catch((error: unknown) => error);
      rmSync(filler);
      await server.stop("SIGQUIT");
      await server.start();

      expect(refused).toBeInstanceOf(MemGPTError);
      expect(refused).toMatchObject({ code: "storage_failed" });
      expect(await findingsIn(server, session.acknowledged)).toEqual(NOTHING);
      await session.talk(() => session.acknowledged > 5);
      expect(await findingsIn(server, session.acknowledged)).toEqual(NOTHING);
    },
    SLOWLY_MS,
  );
});

/** A file system in memory, of 64 MB; undefined where none can be mounted. */
function mounted(): string | undefined {
  const folder = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", folder]);
  });
  return folder;
}
