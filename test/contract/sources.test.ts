import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { homeAt } from "../../src/storage/files/paths.ts";
import type { Connection } from "../../src/storage/postgres/connect.ts";
import { Leases } from "../../src/storage/postgres/leases.ts";
import { PgSourceRepository } from "../../src/storage/postgres/sources.ts";
import { FileSourceRepository } from "../../src/storage/repository/source-files.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { sourcesContract } from "./sources.ts";

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "memgpt-test-"));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  sourcesContract("files", (owner) => new FileSourceRepository(homeAt(join(folder, owner), {})));
});

describe.each(DATABASES)("$name", ({ name, open }) => {
  const database = sharedDatabase(open);

  sourcesContract(name, (owner) => {
    const leases = new Leases(database());
    const connection: Connection = {
      connect: async () => ({ database: database(), leases }),
      close: async () => undefined,
    };
    return new PgSourceRepository(connection, owner);
  });
});
