import { MemGPTError } from "../../errors.ts";
import { type Database, reading, reasonOf } from "./database.ts";
import { Leases } from "./leases.ts";
import { migrate } from "./migrate.ts";
import { shownDatabase } from "./url.ts";

/** A database with the schema in place, and what this process holds there. */
export type Connected = {
  readonly database: Database;
  readonly leases: Leases;
  /** The database as one owner sees it; absent unless row security applies to this program. */
  readonly as?: (owner: string) => Database;
};

/** A lazy connection to a database. */
export type Connection = { connect(): Promise<Connected>; close(): Promise<void> };

type Shared = { readonly connected: Promise<Connected>; users: number };

/** By URL: all homes in this process that use a database share its pool and leases. */
const shared = new Map<string, Shared>();

/** @param url A URL that `checkDatabaseUrl` accepts. */
export function connectionTo(url: string): Connection {
  let mine: Shared | undefined;
  return {
    connect: async () => {
      if (mine === undefined) {
        mine = shared.get(url) ?? { connected: opened(url), users: 0 };
        mine.users += 1;
        shared.set(url, mine);
      }
      const attempt = mine;
      return attempt.connected.catch((error: unknown) => {
        // The next call tries again.
        if (mine === attempt) mine = undefined;
        if (shared.get(url) === attempt) shared.delete(url);
        throw error;
      });
    },
    close: async () => {
      const closing = mine;
      mine = undefined;
      if (closing === undefined) return;
      closing.users -= 1;
      if (closing.users > 0) return;
      shared.delete(url);
      const { database, leases } = await closing.connected;
      await leases.close();
      await database.close();
    },
  };
}

/** The oldest supported version, as `server_version_num`. */
const OLDEST = 150_000;

/** @throws MemGPTError `storage_failed` if the database cannot be reached or is too old. */
async function opened(url: string): Promise<Connected> {
  const { PgDatabase } = await import("./pool.ts");
  const database = new PgDatabase({ url });
  try {
    await checkVersion(database, url);
    await migrate(database);
    const sql = "SELECT row_security_active('agents') AS are_active";
    const [policies] = await reading(() => database.query<{ are_active: boolean }>(sql));
    const as = (owner: string): Database => database.as(owner);
    return { database, leases: new Leases(database), ...(policies?.are_active === true ? { as } : {}) };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function checkVersion(database: Database, url: string): Promise<void> {
  const sql =
    "SELECT current_setting('server_version_num')::integer AS number, current_setting('server_version') AS version";
  const [found] = await database.query<{ number: number; version: string }>(sql).catch((cause: unknown) => {
    const message =
      `Cannot connect to ${shownDatabase(url)} (${reasonOf(cause)}). Nothing was changed; ` +
      "start that database, or correct --database, MEMGPT_DATABASE or the setting database.";
    throw new MemGPTError("storage_failed", message, { cause });
  });
  if (found === undefined || found.number >= OLDEST) return;
  const message = `${shownDatabase(url)} is PostgreSQL ${found.version}; memgpt needs 15 or newer. Nothing was changed.`;
  throw new MemGPTError("storage_failed", message);
}
