import { describe, expect, test } from "vitest";
import { Leases } from "../../../src/storage/postgres/leases.ts";
import { PgRecords } from "../../../src/storage/postgres/records.ts";
import { DATABASES, sharedDatabase } from "../../support/postgres.ts";

describe.each(DATABASES)("removed records in $name", ({ open }) => {
  const database = sharedDatabase(open);

  const recordsOf = (owner: string): PgRecords => {
    const connected = { database: database(), leases: new Leases(database()) };
    const connection = { connect: async () => connected, close: async () => undefined };
    return new PgRecords(connection, { owner, book: "records" }, { keptRemoved: 5, pruneAfter: 10 });
  };

  const rowsOf = async (owner: string): Promise<number> => {
    const sql = "SELECT 1 FROM records WHERE owner = $1";
    return (await database().query(sql, [owner])).length;
  };

  test("leave a bounded number of rows, and who has not looked for long sees that they are gone", async () => {
    const owner = crypto.randomUUID();
    const [busy, other] = [recordsOf(owner), recordsOf(owner)];
    const put = (id: string): Promise<void> => busy.write([{ kind: "tool", id, value: { id } }]);
    await put("kept");
    await put("gone");
    await put("last");
    await other.refresh();
    expect(other.entries("tool").map(([id]) => id)).toEqual(["kept", "gone", "last"]);

    await busy.write([{ kind: "tool", id: "gone", value: undefined }]);
    for (let n = 0; n < 60; n += 1) {
      await put(`short-lived ${n}`);
      await busy.write([{ kind: "tool", id: `short-lived ${n}`, value: undefined }]);
    }
    await other.refresh();
    const fresh = recordsOf(owner);
    await fresh.refresh();

    expect(await rowsOf(owner)).toBeLessThanOrEqual(2 + 5 + 10);
    for (const records of [busy, other, fresh]) {
      expect(records.entries("tool").map(([id]) => id)).toEqual(["kept", "last"]);
      expect(records.get("tool", "gone")).toBeUndefined();
    }
    await other.write([{ kind: "tool", id: "new", value: 1 }]);
    await busy.refresh();
    expect(busy.entries("tool").map(([id]) => id)).toEqual(["kept", "last", "new"]);
  });

  test("that are made again while others are pruned stay", async () => {
    const owner = crypto.randomUUID();
    const records = recordsOf(owner);
    for (const value of [1, undefined, 2]) await records.write([{ kind: "tool", id: "again", value }]);
    const many = Array.from({ length: 40 }, (_, n) => ({ kind: "tool", id: `${n}` }));

    await records.write(many.map((one) => ({ ...one, value: 1 })));
    await records.write(many.map((one) => ({ ...one, value: undefined })));
    const fresh = recordsOf(owner);
    await fresh.refresh();

    expect(fresh.entries("tool").map(([id, { value }]) => [id, value])).toEqual([["again", 2]]);
    expect(await rowsOf(owner)).toBe(1 + 5);
  });
});
