import { createStorage } from "../compose.ts";
import type { Config } from "../settings/config.ts";
import { loadCredentials } from "../settings/credentials-file.ts";
import type { Credentials } from "../settings/credentials.ts";
import { type Origin, loadConfig } from "../settings/load-config.ts";
import { type Home, homeAt } from "../storage/files/paths.ts";
import type { MemGPTOptions } from "./arguments.ts";
import { checkHomeFolder } from "./check-home.ts";
import { type Household, householdOf, present } from "./household.ts";

/** A home with its configuration and household. */
export type Settled = {
  readonly home: Home;
  readonly config: Config;
  readonly origins: Readonly<Record<string, Origin>>;
  readonly credentials: Credentials;
  readonly notices: readonly string[];
  readonly house: Household;
  /** Whose agents they are in a database, also in one that they are moved to. */
  readonly owner: string;
};

/** The owner of agents in a database that were not created for a user of a server. */
export const LOCAL = "local";

/** Resolves the options. @throws MemGPTError `storage_failed` for an unusable home, `config_invalid`. */
export async function settle(options: MemGPTOptions): Promise<Settled> {
  const { dir, settingsDir, env = process.env, useOpenAiKey, now = present, owner = LOCAL } = options;
  const home = homeAt(dir, env);
  const unwritable = checkHomeFolder(home);
  const settingsHome = settingsDir === undefined ? home : homeAt(settingsDir, env);
  const { config, origins, notices } = loadConfig(settingsHome, env);
  const sources = { home: settingsHome, env, config, configKeyOrigin: origins["openai_api_key"], useOpenAiKey };
  const { credentials, notices: more } = loadCredentials(sources);
  const url = options.database ?? config.database;
  const ownership = { home, database: url === null ? undefined : { url, owner } };
  const storage = await createStorage(ownership, { now });
  const settings = { config, credentials, quirksFile: settingsHome.quirksFile };
  const house = householdOf({ ...ownership, ...storage }, settings, options);
  // With a database, agents do not need a writable home.
  const about = url === null ? unwritable : [];
  return { home, config, origins, credentials, notices: [...about, ...notices, ...more], house, owner };
}
