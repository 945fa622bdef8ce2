import { describe, expect, test } from "vitest";
import { connectionTo } from "../../../src/storage/postgres/connect.ts";
import { migrate } from "../../../src/storage/postgres/migrate.ts";
import { MIGRATIONS } from "../../../src/storage/postgres/migrations.ts";
import { PgDatabase } from "../../../src/storage/postgres/pool.ts";
import { PgAgentRepository } from "../../../src/storage/postgres/repository.ts";
import { TEST_SERVER, databaseUrl } from "../../support/postgres.ts";
import { at, newState } from "../support.ts";

describe.skipIf(TEST_SERVER === undefined)("the schema of a database that many processes share", () => {
  test("is created once, however many processes start at the same time", async () => {
    const url = await databaseUrl();
    const pools = Array.from({ length: 8 }, () => new PgDatabase({ url, mostConnections: 1 }));

    await Promise.all(pools.map((pool) => migrate(pool)));

    const rows = await pools[0]?.query("SELECT version FROM memgpt_schema");
    expect(rows).toEqual([{ version: MIGRATIONS.length }]);
    await Promise.all(pools.map((pool) => pool.close()));
  });

  test("is migrated from every earlier version without loss", async () => {
    const url = await databaseUrl();
    const pool = new PgDatabase({ url });
    const [first = ""] = MIGRATIONS;
    await pool.script(`${first} CREATE TABLE memgpt_schema (version integer); INSERT INTO memgpt_schema VALUES (1)`);
    await pool.query("INSERT INTO agents (owner, name) VALUES ('someone', 'sam')");

    await Promise.all([migrate(pool), migrate(pool), migrate(pool)]);

    expect(await pool.query("SELECT version FROM memgpt_schema")).toEqual([{ version: MIGRATIONS.length }]);
    expect(await pool.query("SELECT name FROM agents")).toEqual([{ name: "sam" }]);
    await pool.close();
  });

  test("of a newer program is refused, at the start and by a running process for agents that it does not hold", async () => {
    const url = await databaseUrl();
    const connection = connectionTo(url);
    const repository = new PgAgentRepository(connection, { owner: "someone", now: () => at(1) });
    await repository.create("held", newState({ name: "held" }));
    await repository.create("other", newState({ name: "other" }));
    const held = await repository.open("held");

    const { database } = await connection.connect();
    await database.query("UPDATE memgpt_schema SET version = version + 1");

    const message = expect.stringMatching(/^A newer memgpt has changed this database .*update memgpt/) as string;
    await expect(repository.open("other")).rejects.toMatchObject({ code: "storage_failed", message });
    await held.release();
    await connection.close();
    const late = new PgAgentRepository(connectionTo(url), { owner: "someone", now: () => at(1) });
    await expect(late.list()).rejects.toMatchObject({ code: "storage_failed", message });
  });
});
