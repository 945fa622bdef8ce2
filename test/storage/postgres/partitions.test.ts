import { describe, expect, test } from "vitest";
import type { AgentStore } from "../../../src/ports/agent-store.ts";
import { NoticeList } from "../../../src/ports/notices.ts";
import { PgAgentStore } from "../../../src/storage/postgres/agent-store.ts";
import { addAgent } from "../../../src/storage/postgres/agents.ts";
import { Leases } from "../../../src/storage/postgres/leases.ts";
import { migrate } from "../../../src/storage/postgres/migrate.ts";
import { PgSourceRepository } from "../../../src/storage/postgres/sources.ts";
import { sourcesContract } from "../../contract/sources.ts";
import { archivalContract } from "../../contract/archival.ts";
import { historyContract } from "../../contract/history.ts";
import { journalContract } from "../../contract/journal.ts";
import { recallContract } from "../../contract/recall.ts";
import { revertContract } from "../../contract/revert.ts";
import { DATABASES, sharedDatabase } from "../../support/postgres.ts";
import { documented } from "../../support/scaling.ts";
import { storeOf } from "../../contract/stores.ts";
import { at, passage, revert, userMessage } from "../support.ts";

// Tables that are partitioned by the hash of the agent, by the statements that docs/SCALING.md gives.

describe.each(DATABASES)("$name, partitioned", ({ name, open: openDatabase }) => {
  const database = sharedDatabase(async () => {
    const opened = await openDatabase();
    await migrate(opened);
    await addAgent(opened, "test", "before");
    // Fewer parts, each of which is a table to be made and planned with.
    await opened.script(documented("Partitions").replace("0..15", "0..3").replace("MODULUS 16", "MODULUS 4"));
    return opened;
  });
  const agents = new Map<string, number>();
  const notices = new WeakMap<AgentStore, NoticeList>();

  async function open(place: string): Promise<PgAgentStore> {
    const agent = agents.get(place) ?? (await addAgent(database(), "test", place)) ?? 0;
    agents.set(place, agent);
    const said = new NoticeList();
    const store = new PgAgentStore(database(), { agent, fence: 0, packFrom: 4 }, said.add);
    notices.set(store, said);
    return store;
  }

  historyContract(`${name}, partitioned`, open);
  journalContract(`${name}, partitioned`, open);
  revertContract(`${name}, partitioned`, open);
  recallContract(`${name}, partitioned`, open);
  archivalContract(`${name}, partitioned`, open, (store) => notices.get(store)?.all ?? []);

  sourcesContract(`${name}, partitioned`, (owner) => {
    const connected = { database: database(), leases: new Leases(database()) };
    return new PgSourceRepository({ connect: async () => connected, close: async () => undefined }, owner);
  });

  test("existing agents remain, and rows are spread over the partitions", async () => {
    for (let i = 0; i < 20; i += 1) await addAgent(database(), "spread", `agent ${i}`);

    const rows = await database().query<{ part: string }>(
      "SELECT DISTINCT tableoid::regclass::text AS part FROM heads",
    );

    expect(rows).toHaveLength(4);
    const sql = "SELECT 1 FROM heads JOIN agents USING (agent) WHERE name = 'before'";
    expect(await database().query(sql)).toHaveLength(1);
  });

  test("a turn can be undone and redone", async () => {
    const store = await storeOf(open, [userMessage("u1", "I met Ada in Porto")], [passage("p1", "Ada lives in Porto")]);
    const head = await store.history.journal.head();

    await store.history.undo(1, at(3));
    expect([await store.recall.size(), await store.archival.size()]).toEqual([0, 0]);
    await revert(store, head, "back", at(4));

    expect([await store.recall.size(), await store.archival.size()]).toEqual([1, 1]);
  });
});
