import { MemGPTError } from "../../errors.ts";
import { type Database, reading, reasonOf } from "./database.ts";
import { Leases } from "./leases.ts";
import { migrate } from "./migrate.ts";
import { shownDatabase } from "./url.ts";

/** A database with the schema in place, and what this process holds there. */
export type Connected = {
  readonly database: Database;
  readonly leases: Leases;
  /** The database as an owner may see it, where policies restrict what this program sees; absent elsewhere. */
  readonly as?: (owner: string) => Database;
};

/** The way to a database. Nothing is connected before it is asked for. */
export type Connection = { connect(): Promise<Connected>; close(): Promise<void> };

type Shared = { readonly connected: Promise<Connected>; users: number };

/** By URL: all homes of this process that use a database share its pool and its leases. */
const shared = new Map<string, Shared>();

/** @param url as `checkDatabaseUrl` wants it. */
export function connectionTo(url: string): Connection {
  let mine: Shared | undefined;
  return {
    connect: async () => {
      if (mine === undefined) {
        mine = shared.get(url) ?? { connected: opened(url), users: 0 };
        mine.users += 1;
        shared.set(url, mine);
      }
      const asked = mine;
      return asked.connected.catch((error: unknown) => {
        // The next one who asks tries again.
        if (mine === asked) mine = undefined;
        if (shared.get(url) === asked) shared.delete(url);
        throw error;
      });
    },
    close: async () => {
      const left = mine;
      mine = undefined;
      if (left === undefined) return;
      left.users -= 1;
      if (left.users > 0) return;
      shared.delete(url);
      await (await left.connected).database.close();
    },
  };
}

/** What the schema needs. */
const OLDEST = 150_000;

/** @throws MemGPTError `storage_failed` if it cannot be reached or used. */
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
