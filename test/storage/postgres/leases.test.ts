import { describe, expect, test } from "vitest";
import { MemGPTError } from "memgpt";
import type { OpenedAgent } from "../../../src/ports/repository.ts";
import type { Database } from "../../../src/storage/postgres/database.ts";
import { Leases } from "../../../src/storage/postgres/leases.ts";
import { PgAgentRepository } from "../../../src/storage/postgres/repository.ts";
import { at, newState, someAction, userMessage } from "../support.ts";
import { DATABASES, sharedDatabase } from "../../support/postgres.ts";

// What a process holds, in a database that several share. The clock that counts is that of the database.

describe.each(DATABASES)("$name", ({ open }) => {
  const database = sharedDatabase(open);

  /** The repository of a process of its own. */
  const processOf = (owner: string, over: Database = database()): PgAgentRepository => {
    const leases = new Leases(over);
    const connection = { connect: async () => ({ database: over, leases }), close: async () => undefined };
    return new PgAgentRepository(connection, { owner, now: () => at(1) });
  };

  /** Two processes, the first of which has an agent open. */
  const twoProcesses = async (): Promise<{
    first: PgAgentRepository;
    second: PgAgentRepository;
    held: OpenedAgent;
  }> => {
    const owner = crypto.randomUUID();
    const [first, second] = [processOf(owner), processOf(owner)];
    await first.create("sam", newState({ name: "sam" }));
    return { first, second, held: await first.open("sam") };
  };

  const say = async ({ store, state }: OpenedAgent, id: string): Promise<number> => {
    const messages = [userMessage(id, `I say ${id}`)];
    return store.history.commit({ action: someAction(), cause: id, at: at(2), state, messages, passages: [] });
  };

  /** Makes the database take every process for dead, as when none of them has been heard of for a while. */
  const silence = async (): Promise<void> => {
    await database().query("UPDATE processes SET alive_until = clock_timestamp() - interval '1 minute'");
  };

  test("a dead process's agent is taken over, with everything acknowledged", async () => {
    const { second, held } = await twoProcesses();
    await say(held, "one");
    await expect(second.open("sam")).rejects.toMatchObject({ code: "agent_locked" });

    await silence();
    const taken = await second.open("sam");

    expect((await taken.store.recall.latest(5)).map(({ id }) => id)).toEqual(["one"]);
    await say(taken, "two");
    await taken.release();
  });

  test("a process wrongly taken for dead stores nothing for agents that another has taken over", async () => {
    const { second, held } = await twoProcesses();
    await silence();
    const taken = await second.open("sam");
    await say(taken, "theirs");

    await expect(say(held, "late")).rejects.toMatchObject({ code: "agent_locked", kept: "nothing" });
    const late = held.checkpoints.write(held.state, { name: "late", kept: true });
    await expect(late).rejects.toMatchObject({ code: "storage_failed", message: expect.stringContaining("Another") });
    await held.release();

    expect((await taken.store.recall.latest(5)).map(({ id }) => id)).toEqual(["theirs"]);
    expect(await second.checkpoints("sam")).toEqual([]);
    // What the first let go was not its own any more.
    await expect(processOf("another").open("sam")).rejects.toMatchObject({ code: "agent_not_found" });
    await say(taken, "still theirs");
    await taken.release();
  });

  test("a clock set back an hour neither locks a dead process's agent nor loses a live one's steps", async () => {
    const { second, held } = await twoProcesses();
    await say(held, "one");
    // What was said of an hour from now was said before the clock was set.
    await database().query("UPDATE processes SET alive_until = alive_until + interval '1 hour'");

    const taken = await second.open("sam");
    await say(taken, "two");

    await expect(say(held, "late")).rejects.toMatchObject({ code: "agent_locked", kept: "nothing" });
    expect((await taken.store.recall.latest(5)).map(({ id }) => id)).toEqual(["one", "two"]);
    await held.release();
    await taken.release();
  });

  test("a clock set back a little takes no agent from a live process", async () => {
    const { second, held } = await twoProcesses();
    await database().query("UPDATE processes SET alive_until = alive_until + interval '3 seconds'");

    await expect(second.open("sam")).rejects.toMatchObject({ code: "agent_locked" });

    await say(held, "one");
    await held.release();
  });

  test("a process's own clock does not affect what it holds", async () => {
    const owner = crypto.randomUUID();
    let now = "2026-11-30T12:00:00.000Z";
    const connected = { database: database(), leases: new Leases(database()) };
    const connection = { connect: async () => connected, close: async () => undefined };
    const jumping = new PgAgentRepository(connection, { owner, now: () => now });
    await jumping.create("sam", newState({ name: "sam" }));
    const held = await jumping.open("sam");
    const files: string[] = [];
    for (now of ["2026-11-30T12:00:01.000Z", "2025-01-01T00:00:00.000Z", "2027-06-01T00:00:00.000Z"]) {
      await say(held, `at ${now}`);
      files.push(await held.checkpoints.write(held.state, { name: now, kept: true }));
      await expect(processOf(owner).open("sam")).rejects.toMatchObject({ code: "agent_locked" });
    }

    expect(await held.store.recall.size()).toBe(3);
    expect(files.toSorted()).toEqual(files);
    expect((await held.checkpoints.list()).map(({ file }) => file)).toEqual(files.toReversed());
    await held.release();
  });

  test("a lease that expires while nobody else wants the agent costs nothing", async () => {
    const { held } = await twoProcesses();
    await silence();

    await say(held, "one");

    expect(await held.store.recall.size()).toBe(1);
    await held.release();
  });

  test("a commit whose answer is lost is stored once and acknowledged", async () => {
    const { first, held } = await twoProcesses();
    await held.release();
    let lost = 1;
    const cut: Database = {
      script: (sql) => database().script(sql),
      snapshot: () => database().snapshot(),
      close: async () => undefined,
      query: async (sql, values) => {
        const rows = await database().query<never>(sql, values);
        if (!sql.includes("added_messages") || lost === 0) return rows;
        lost -= 1;
        throw Object.assign(new Error("Connection terminated unexpectedly"), { code: "ECONNRESET" });
      },
    };
    const owner = crypto.randomUUID();
    const repository = processOf(owner, cut);
    await repository.create("sam", newState({ name: "sam" }));
    const opened = await repository.open("sam");

    const op = await say(opened, "one");

    expect(lost).toBe(0);
    expect(await opened.store.recall.size()).toBe(1);
    expect(await opened.store.history.journal.head()).toBe(op);
    await opened.release();
    expect(await first.has("sam")).toBe(true);
  });

  test("a commit is refused if its lease expires and another process takes the agent", async () => {
    const owner = crypto.randomUUID();
    let whenCommitting: (() => Promise<void>) | undefined;
    const slow: Database = {
      script: (sql) => database().script(sql),
      snapshot: () => database().snapshot(),
      close: async () => undefined,
      query: async (sql, values) => {
        const meanwhile = sql.includes("added_messages") ? whenCommitting : undefined;
        whenCommitting = sql.includes("added_messages") ? undefined : whenCommitting;
        await meanwhile?.();
        return database().query<never>(sql, values);
      },
    };
    const [first, second] = [processOf(owner, slow), processOf(owner)];
    await first.create("sam", newState({ name: "sam" }));
    const held = await first.open("sam");
    let taken: OpenedAgent | undefined;
    whenCommitting = async () => {
      await silence();
      taken = await second.open("sam");
    };

    await expect(say(held, "late")).rejects.toMatchObject({ code: "agent_locked", kept: "nothing" });

    expect(await taken?.store.recall.size()).toBe(0);
    await held.release();
    await taken?.release();
  });

  test("after a step with unknown outcome the agent must be reopened", async () => {
    const owner = crypto.randomUUID();
    let isDown = false;
    const failing: Database = {
      script: (sql) => database().script(sql),
      snapshot: () => database().snapshot(),
      close: async () => undefined,
      query: async (sql, values) => {
        const rows = await database().query<never>(sql, values);
        if (!isDown || !sql.includes("added_messages")) return rows;
        // Not the error of a connection that broke, after which the statement would be repeated.
        throw new MemGPTError("storage_failed", "gone", { kept: "unknown" });
      },
    };
    const repository = processOf(owner, failing);
    await repository.create("sam", newState({ name: "sam" }));
    const opened = await repository.open("sam");
    isDown = true;
    await expect(say(opened, "one")).rejects.toMatchObject({ kept: "unknown" });
    isDown = false;

    await expect(say(opened, "two")).rejects.toMatchObject({
      code: "agent_locked",
      message: expect.stringContaining("An earlier step was stored") as string,
    });
    await opened.release();

    const again = await repository.open("sam");
    await say(again, "three");
    expect((await again.store.recall.latest(5)).map(({ id }) => id)).toEqual(["one", "three"]);
    await again.release();
  });
});
