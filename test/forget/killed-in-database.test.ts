import { describe, expect, test } from "vitest";
import { createAgent, openAgent } from "../../src/host/agents.ts";
import { Blocks } from "../../src/host/block-desk.ts";
import { readAgent } from "../../src/host/closed-agents.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { databaseHouse } from "../support/database-house.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { WORD, homeOf, share } from "./support/sharing.ts";
import { SECRET, tablesSaying } from "./support/told.ts";

/** More writes than a forgetting makes. */
const MOST = 40;

describe.each(DATABASES)("in $name, a process is killed after each write of a forgetting", ({ open }) => {
  const database = sharedDatabase(open);

  test("and it is complete in both agents, or in neither, once any agent of the owner is opened", async () => {
    let kills = 0;
    for (let writes = 0; ; writes += 1) {
      expect(writes).toBeLessThan(MOST);
      const owner = crypto.randomUUID();
      const dying = new DyingDatabase(database());
      const killed = databaseHouse(dying.database, {}, owner);
      const sam = await createAgent(killed, { name: "sam" }, { verify: false });
      const bob = await createAgent(killed, { name: "bob" }, { verify: false });
      await (await createAgent(killed, { name: "eve" }, { verify: false })).close();
      await share(new Blocks(killed), sam, bob);
      await bob.close();
      dying.dieAfter(writes);
      const isDone = await sam.forget({ match: SECRET }).then(
        () => true,
        () => false,
      );
      dying.dieAfter(0);
      await database().query("UPDATE processes SET alive_until = clock_timestamp() - interval '1 minute'");

      const house = databaseHouse(database(), {}, owner);
      const before = await tablesSaying(WORD, database());
      const eve = await openAgent(house, "eve", {}, {});
      await eve.close();
      if (writes === 0) {
        expect((await tablesSaying(WORD, database())).sort()).toEqual(before.sort());
        const again = await openAgent(house, "sam", {}, {});
        await again.forget({ match: SECRET });
        await again.close();
      } else {
        expect({ writes, tables: await tablesSaying(WORD, database()) }).toEqual({ writes, tables: [] });
      }
      for (const name of ["sam", "bob"]) {
        const agent = await openAgent(house, name, {}, {});
        expect(agent.notices).toEqual([]);
        expect(homeOf(agent)).toBe("Near the sea. Has a dog.");
        const head = await agent.journal.head();
        const noted = (await agent.journal.entries(0, head)).filter(({ cause }) => cause === "forget: library");
        expect(noted).toHaveLength(1);
        await agent.undo();
        await agent.close();
      }
      expect(await tablesSaying(WORD, database())).toEqual([]);
      if (isDone) break;
      kills += 1;
    }
    expect(kills).toBeGreaterThan(5);
  }, 240_000);

  test("and the agents say so when they are opened; one that is only read shows nothing of it", async () => {
    const owner = crypto.randomUUID();
    const dying = new DyingDatabase(database());
    const killed = databaseHouse(dying.database, {}, owner);
    const sam = await createAgent(killed, { name: "sam" }, { verify: false });
    const bob = await createAgent(killed, { name: "bob" }, { verify: false });
    await share(new Blocks(killed), sam, bob);
    await bob.close();
    dying.dieAfter(1);
    await expect(sam.forget({ match: SECRET })).rejects.toMatchObject({ code: "storage_failed" });
    await database().query("UPDATE processes SET alive_until = clock_timestamp() - interval '1 minute'");
    const house = databaseHouse(database(), {}, owner);

    const read = await readAgent(house, "bob", async ({ history }) => history.load());
    expect(JSON.stringify(read)).not.toContain(WORD);
    expect(await tablesSaying(WORD, database())).toEqual([]);
  });
});

/** A database as a process sees it that is killed: once it is, nothing is stored or answered any more. */
class DyingDatabase {
  readonly database: Database;
  #left = Number.POSITIVE_INFINITY;

  constructor(database: Database) {
    this.database = {
      query: async (sql, values, options) => {
        if (this.#left <= 0 && WRITING.test(sql)) this.#left = -1;
        if (this.#left < 0) throw new Error("killed");
        if (WRITING.test(sql)) this.#left -= 1;
        return database.query(sql, values, options);
      },
      script: async (sql) => database.script(sql),
      snapshot: async () => database.snapshot(),
      close: async () => undefined,
    };
  }

  dieAfter(writes: number): void {
    this.#left = writes;
  }
}

/** Statements that write, other than heartbeats. */
const WRITING = /^(?!INSERT INTO processes)[^]*\b(INSERT|UPDATE|DELETE)\b/;
