import { type Household, type HouseholdOptions, householdOf } from "../../src/host/household.ts";
import { loadCredentials } from "../../src/settings/credentials-file.ts";
import { loadConfig } from "../../src/settings/load-config.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { Leases } from "../../src/storage/postgres/leases.ts";
import { pgStorage } from "../../src/storage/postgres/storage.ts";
import { temporaryFolder, testClock } from "./agents.ts";

/** What opens agents in a database, as a process of its own that nobody else knows of would. */
export function databaseHouse(
  database: Database,
  options: HouseholdOptions = {},
  owner: string = crypto.randomUUID(),
): Household {
  const home = homeAt(temporaryFolder(), {});
  const { config } = loadConfig(home, {});
  const { credentials } = loadCredentials({ home, env: {}, config, configKeyOrigin: undefined });
  const connected = { database, leases: new Leases(database) };
  const connection = { connect: async () => connected, close: async () => undefined };
  const { now } = testClock();
  const storage = pgStorage(connection, { owner, now, typed: home.historyFile });
  const settings = { config, credentials, quirksFile: home.quirksFile };
  return householdOf({ home, ...storage }, settings, { now, ...options });
}
