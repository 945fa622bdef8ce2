import { type Household, type HouseholdOptions, householdOf } from "../../src/host/household.ts";
import { loadCredentials } from "../../src/settings/credentials-file.ts";
import { loadConfig } from "../../src/settings/load-config.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { Leases } from "../../src/storage/postgres/leases.ts";
import { PgAgentRepository } from "../../src/storage/postgres/repository.ts";
import { temporaryFolder, testClock } from "./agents.ts";

/** What opens agents in a database, as a process of its own that nobody else knows of would. */
export function databaseHouse(database: Database, options: HouseholdOptions = {}): Household {
  const home = homeAt(temporaryFolder(), {});
  const { config } = loadConfig(home, {});
  const { credentials } = loadCredentials({ home, env: {}, config, configKeyOrigin: undefined });
  const connected = { database, leases: new Leases(database) };
  const connection = { connect: async () => connected, close: async () => undefined };
  const { now } = testClock();
  const common = { typed: home.historyFile, blocks: home.blocksFile };
  const repository = new PgAgentRepository(connection, { owner: crypto.randomUUID(), now, common });
  const settings = { config, credentials, quirksFile: home.quirksFile };
  return householdOf({ home, repository }, settings, { now, ...options });
}
