import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Connection } from "../../../src/storage/postgres/connect.ts";
import type { Database } from "../../../src/storage/postgres/database.ts";
import { Leases } from "../../../src/storage/postgres/leases.ts";
import { PgAgentRepository } from "../../../src/storage/postgres/repository.ts";
import { PgRecords } from "../../../src/storage/postgres/records.ts";
import { recordsContract } from "../../contract/records.ts";
import { PgSourceRepository } from "../../../src/storage/postgres/sources.ts";
import { sourcesContract } from "../../contract/sources.ts";
import { repositoryContract } from "../../contract/repository.ts";
import { testClock } from "../../support/agents.ts";
import { DATABASES, STARTING_MS, type Walled, sharedDatabase } from "../../support/postgres.ts";
import { documented } from "../../support/scaling.ts";
import { at, newState, userMessage, someAction } from "../support.ts";

// Owners, kept apart by the policies that docs/SCALING.md gives, for a role that is neither superuser nor owner of the tables.

describe.each(DATABASES)("$name, with policies", ({ name, open, asRole }) => {
  const database = sharedDatabase(open);
  const role = `memgpt_${crypto.randomUUID().replaceAll("-", "")}`;
  let walled: Walled | undefined;

  beforeAll(async () => {
    await database().script(documented("A second wall between owners").replaceAll("memgpt_server", role));
    walled = await asRole(database(), role);
  }, STARTING_MS);
  afterAll(async () => {
    await walled?.close();
    await database().script(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  const server = (): Walled => {
    if (walled === undefined) throw new Error("the role has not connected yet");
    return walled;
  };

  const connection: Connection = {
    connect: async () => ({ database: server(), leases: new Leases(server()), as: (it: string) => server().as(it) }),
    close: async () => undefined,
  };
  const repositoryOf = (owner: string, now = () => at(1)): PgAgentRepository =>
    new PgAgentRepository(connection, { owner, now });

  repositoryContract(`${name}, with policies`, () => {
    const clock = testClock();
    const test = crypto.randomUUID();
    return async (owner) =>
      repositoryOf(`${test}/${owner}`, () => {
        clock.advance(1000);
        return clock.now();
      });
  });

  recordsContract(`${name}, with policies`, (book) => new PgRecords(connection, { owner: "zoe", book }));

  sourcesContract(`${name}, with policies`, (owner) => new PgSourceRepository(connection, owner));

  test("another owner's records are neither seen nor changed", async () => {
    const [ann, ben] = [crypto.randomUUID(), crypto.randomUUID()];
    await new PgRecords(connection, { owner: ann, book: "keys" }).write([{ kind: "key", id: "a", value: "secret" }]);
    const asked = `SELECT count(*) AS count FROM records WHERE owner = '${ann}'`;

    expect(await server().as(ann).query(asked)).toEqual([{ count: 1 }]);
    expect(await server().as(ben).query(asked)).toEqual([{ count: 0 }]);
    const change = `UPDATE records SET body = '"stolen"' WHERE owner = '${ann}' RETURNING id`;
    expect(await server().as(ben).query(change)).toEqual([]);
    const add = `INSERT INTO books VALUES ('${ann}', 'others', 1, gen_random_uuid())`;
    await expect(server().as(ben).query(add)).rejects.toThrow(/row-level security/);
  });

  /** An agent that said something, of an owner of its own. */
  const agentOf = async (owner: string): Promise<number> => {
    const repository = repositoryOf(owner);
    await repository.create("sam", newState({ name: "sam" }));
    const opened = await repository.open("sam");
    const { store, state } = opened;
    const change = { action: someAction(), cause: "m", at: at(2), state, messages: [userMessage("u1", "secret")] };
    await store.history.commit({ ...change, passages: [] });
    await opened.release();
    const [row] = await server().as(owner).query<{ agent: number }>("SELECT agent FROM agents");
    return row?.agent ?? 0;
  };

  const seen = async (through: Pick<Database, "query">): Promise<number[]> => {
    const counts: number[] = [];
    for (const table of ["agents", "heads", "messages", "journal", "actions"]) {
      const [row] = await through.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`);
      counts.push(row?.count ?? 0);
    }
    return counts;
  };

  test("a statement sees only the current owner's rows, and none without an owner", async () => {
    const [ann, ben] = [crypto.randomUUID(), crypto.randomUUID()];
    await agentOf(ann);
    await agentOf(ben);

    expect((await seen(database()))[0]).toBeGreaterThan(1);
    expect(await seen(server().as(ann))).toMatchObject([1, 1, 1, expect.any(Number), 1]);
    expect(await seen(server().as(crypto.randomUUID()))).toEqual([0, 0, 0, 0, 0]);
    await server().fresh(async (nobody) => {
      expect(await seen(nobody)).toEqual([0, 0, 0, 0, 0]);
    });
  });

  test("nothing can be added to another owner's agent, changed or removed", async () => {
    const [ann, ben] = [crypto.randomUUID(), crypto.randomUUID()];
    const agent = await agentOf(ann);
    await agentOf(ben);
    const before = await seen(server().as(ann));

    const add = `INSERT INTO speakers (agent, name) VALUES (${agent}, 'Mallory')`;
    await expect(server().as(ben).query(add)).rejects.toThrow(/row-level security/);
    const change = `UPDATE heads SET state = 'stolen' WHERE agent = ${agent} RETURNING agent`;
    expect(await server().as(ben).query(change)).toEqual([]);
    expect(await server().as(ben).query(`DELETE FROM messages WHERE agent = ${agent} RETURNING agent`)).toEqual([]);

    expect(await seen(server().as(ann))).toEqual(before);
  });
});
