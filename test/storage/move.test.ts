import { describe, expect, test } from "vitest";
import { MemGPT } from "memgpt";
import { homeAt } from "../../src/storage/files/paths.ts";
import { FileRowStorage } from "../../src/storage/move/file-rows.ts";
import { moveAgent } from "../../src/storage/move/move-agent.ts";
import { PgRowStorage } from "../../src/storage/move/postgres-rows.ts";
import type { AgentRows, RowStorage } from "../../src/storage/move/tables.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { Leases } from "../../src/storage/postgres/leases.ts";
import { PgAgentRepository } from "../../src/storage/postgres/repository.ts";
import { temporaryFolder, testClock, testHome } from "../support/agents.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";

/** A home with an agent that was talked to, edited, undone and saved. */
async function homeOfSam(): Promise<string> {
  const dir = temporaryFolder();
  const memgpt = await testHome({ dir });
  const agent = await memgpt.createAgent({ name: "sam" });
  for (const message of ["My name is Ada.", "I live in Lisbon.", "Odd:\0 \u0001 é 🙂 end"]) {
    await agent.ask(message);
  }
  await agent.addPassages([{ text: "The boat is called Wanda." }]);
  await agent.undo(2);
  await agent.redo();
  await agent.checkpoint("mine");
  await agent.undo(1);
  await agent.close();
  return dir;
}

/** All that can be seen of an agent through the library. */
async function seen(dir: string, name = "sam"): Promise<unknown> {
  const memgpt = await MemGPT.open({ dir, env: {} });
  const read = await memgpt.readAgent(name, async (stored) => {
    const { recall, archival, journal } = stored;
    const memory: unknown[] = [];
    for await (const message of recall.all()) memory.push(message);
    for await (const passage of archival.all()) memory.push(passage);
    const counts = [await recall.size(), await archival.size()];
    return { state: await stored.load(), memory, counts, journal: await journal.entries(0, await journal.head()) };
  });
  const found = await memgpt.findAll(name, { query: "Lisbon boat" });
  return { read, found, history: await memgpt.history(name), checkpoints: await memgpt.checkpoints(name) };
}

describe.each(DATABASES)("agents between files and $name", ({ open }) => {
  const database = sharedDatabase(open);

  const connectionOf = (through: Database, leases = new Leases(through)) => ({
    connect: async () => ({ database: through, leases }),
    close: async () => undefined,
  });

  const postgres = (owner: string): { rows: RowStorage; repository: PgAgentRepository } => {
    const connection = connectionOf(database());
    const { now } = testClock();
    return { rows: new PgRowStorage(connection, owner), repository: new PgAgentRepository(connection, { owner, now }) };
  };

  const files = (dir: string): RowStorage => new FileRowStorage(homeAt(dir, {}));

  test("an agent moves there and to another home with undo, redo, checkpoints and every word", async () => {
    const [dir, other] = [await homeOfSam(), temporaryFolder()];
    const before = await seen(dir);
    const { rows, repository } = postgres(crypto.randomUUID());

    const there = await moveAgent("sam", [files(dir), rows]);
    const overview = await repository.overview("sam");
    const checkpoints = await repository.checkpoints("sam");
    const back = await moveAgent("sam", [rows, files(other)]);

    expect(there).toMatchObject({ outcome: "moved", unreadable: 0 });
    expect(back).toEqual(there);
    expect(there.operations).toBeGreaterThan(there.messages);
    expect(await seen(other)).toEqual(before);
    expect(await seen(dir)).toEqual(before);
    expect(checkpoints).toEqual(await (await testHome({ dir })).checkpoints("sam"));
    expect(overview).toMatchObject(await (await testHome({ dir })).overview("sam"));

    const agent = await (await testHome({ dir: other })).openAgent("sam");
    expect(agent.notices).toEqual([]);
    expect((await agent.redo()).actions).toHaveLength(1);
    expect(await agent.ask("What is my name?")).toContain("Ada");
    await agent.close();

    const opened = await repository.open("sam");
    const redone = await opened.store.history.redo("2026-11-22T00:00:00.000Z");
    expect(redone?.actions).toHaveLength(1);
    expect(await opened.store.history.undo(3, "2026-11-22T00:00:01.000Z")).toMatchObject({ actions: [{}, {}, {}] });
    await opened.release();
  });

  test("an agent that is there already is skipped, unless it or the original was used since", async () => {
    const dir = await homeOfSam();
    const { rows } = postgres(crypto.randomUUID());
    const move = async (): Promise<unknown> => moveAgent("sam", [files(dir), rows]);
    const first = await moveAgent("sam", [files(dir), rows]);

    expect(await move()).toEqual({ ...first, outcome: "present" });

    const agent = await (await testHome({ dir })).openAgent("sam");
    await agent.ask("I have moved to Porto.");
    await agent.close();
    await expect(move()).rejects.toThrow(/was used since: here and there differ in .*messages \(\d+ and \d+\)/);
    await expect(moveAgent("sam", [files(await homeOfSam()), rows])).rejects.toThrow(/Another agent there/);
  });

  test("a move interrupted at any table leaves no agent behind, and can be repeated", async () => {
    const [dir, other] = [await homeOfSam(), temporaryFolder()];
    const { rows, repository } = postgres(crypto.randomUUID());
    const broken = (from: RowStorage, table: string): RowStorage => ({
      read: async (name) => {
        const read = await from.read(name);
        let asked = 0;
        // The first time, what there is is summed up; the second time it is copied.
        const after: AgentRows["after"] = async (wanted, key) => {
          if (wanted === table && (key === "" || Number(key) < 0) && (asked += 1) === 2)
            throw new Error("pulled the plug");
          return read?.after(wanted, key) ?? [];
        };
        return read && { ...read, after };
      },
      make: async (...made) => from.make(...made),
      close: async () => from.close(),
    });

    for (const table of ["messages", "journal", "reindexed"]) {
      await expect(moveAgent("sam", [broken(files(dir), table), rows])).rejects.toThrow("pulled the plug");
      expect(await repository.list()).toEqual([]);
    }
    await moveAgent("sam", [files(dir), rows]);
    for (const table of ["messages", "journal", "reindexed"]) {
      await expect(moveAgent("sam", [broken(rows, table), files(other)])).rejects.toThrow("pulled the plug");
      expect(await (await testHome({ dir: other })).listAgents()).toEqual([]);
    }
    expect(await moveAgent("sam", [rows, files(other)])).toMatchObject({ outcome: "moved" });
  });

  test("a copy that differs from its original in one letter is removed", async () => {
    const dir = await homeOfSam();
    const { rows, repository } = postgres(crypto.randomUUID());
    const changing: RowStorage = {
      ...rows,
      read: async (name) => rows.read(name),
      make: async (name, from, check) => {
        const portions: typeof from.portions = async function* (table) {
          for await (const portion of from.portions(table)) {
            yield table === "passages" ? portion.map((row) => ({ ...row, text: `${String(row["text"])}.` })) : portion;
          }
        };
        await rows.make(name, { ...from, portions }, check);
      },
    };

    await expect(moveAgent("sam", [files(dir), changing])).rejects.toThrow(/differs from the original in: passages/);
    expect(await repository.list()).toEqual([]);
  });
});
