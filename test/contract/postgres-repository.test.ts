import { describe } from "vitest";
import { Leases } from "../../src/storage/postgres/leases.ts";
import { PgAgentRepository } from "../../src/storage/postgres/repository.ts";
import { testClock } from "../support/agents.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { repositoryContract } from "./repository.ts";

describe.each(DATABASES)("$name", ({ name, open }) => {
  const database = sharedDatabase(open);

  repositoryContract(name, () => {
    const clock = testClock();
    const test = crypto.randomUUID();
    const now = (): string => {
      clock.advance(1000);
      return clock.now();
    };
    return async (owner) => {
      const connected = { database: database(), leases: new Leases(database()) };
      const connection = { connect: async () => connected, close: async () => undefined };
      return new PgAgentRepository(connection, { owner: `${test}/${owner}`, now });
    };
  });
});
