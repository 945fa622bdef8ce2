import { describe, expect, test } from "vitest";
import { crashServers } from "../../bench/postgres/crash.ts";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";

describe.skipIf(TEST_SERVER === undefined)("two servers of one database, one of them killed again and again", () => {
  test("stores every message acknowledged by either server exactly once", async () => {
    const seed = Date.now() % 1_000_000;

    const figures = await crashServers({ url: await databaseUrl(), seconds: 25, every: 6, seed });

    expect(figures, JSON.stringify(figures)).toMatchObject({ faults: [], ok: true, kills: 3 });
  }, 120_000);
});
