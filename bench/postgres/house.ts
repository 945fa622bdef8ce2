import { join } from "node:path";
import type { Llm } from "memgpt";
import { type Household, householdOf, present } from "../../src/host/household.ts";
import { loadCredentials } from "../../src/settings/credentials-file.ts";
import { loadConfig } from "../../src/settings/load-config.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { Leases } from "../../src/storage/postgres/leases.ts";
import { pgStorage } from "../../src/storage/postgres/storage.ts";

/** Opens agents in a database. Writes nothing to `folder`. */
export function houseIn(database: Database, folder: string, llm: Llm): Household {
  const home = homeAt(join(folder, "home"));
  const { config } = loadConfig(home, {});
  const { credentials } = loadCredentials({ home, env: {}, config, configKeyOrigin: undefined });
  const connected = { database, leases: new Leases(database) };
  const connection = { connect: async () => connected, close: async () => undefined };
  const storage = pgStorage(connection, { owner: "bench", now: present });
  return householdOf({ home, ...storage }, { config, credentials, quirksFile: home.quirksFile }, { llm: () => llm });
}
