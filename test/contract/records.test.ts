import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FileRecords } from "../../src/storage/files/file-records.ts";
import type { Connection } from "../../src/storage/postgres/connect.ts";
import { Leases } from "../../src/storage/postgres/leases.ts";
import { PgRecords } from "../../src/storage/postgres/records.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { recordsContract } from "./records.ts";

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-test-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  recordsContract("files", (place) => new FileRecords(join(folder, `${place}.jsonl`)));
});

describe.each(DATABASES)("$name", ({ name, open }) => {
  const database = sharedDatabase(open);
  const connection: Connection = {
    connect: async () => ({ database: database(), leases: new Leases(database()) }),
    close: async () => undefined,
  };

  recordsContract(name, (book) => new PgRecords(connection, { owner: "ann", book }));

  test("books of the same name of different owners are separate", async () => {
    await new PgRecords(connection, { owner: "ann", book: "notes" }).write([{ kind: "note", id: "a", value: 1 }]);
    const others = new PgRecords(connection, { owner: "ben", book: "notes" });

    await others.refresh();

    expect(others.entries("note")).toEqual([]);
  });

  test("a write whose answer is lost is not repeated", async () => {
    const all: string[] = [];
    const flaky: Connection = {
      ...connection,
      connect: async () => {
        const real = database();
        const query: typeof real.query = async (sql, values) => {
          const rows = await real.query<never>(sql, values);
          const isFirst = sql.includes("INTO books") && all.push(sql) === 1;
          if (isFirst) throw new Error("Connection terminated unexpectedly");
          return rows;
        };
        return { database: { ...real, query, script: (sql) => real.script(sql) }, leases: new Leases(real) };
      },
    };
    const book = crypto.randomUUID();
    const records = new PgRecords(flaky, { owner: "ann", book });
    let calls = 0;

    await records.change(() => {
      calls += 1;
      return [{ kind: "count", id: "a", value: calls }];
    });

    const other = new PgRecords(connection, { owner: "ann", book });
    await other.refresh();
    expect([calls, all.length, other.get("count", "a")?.value]).toEqual([1, 2, 1]);
  });
});
