import type { NoticeSink } from "../../ports/notices.ts";
import type { HeldSource, SourceRepository, SourceStore } from "../../ports/source.ts";
import type { SourceSettings } from "../../schema/source.ts";
import { checkName } from "../files/paths.ts";
import { aboutSource, noSuchSource } from "../names.ts";
import { agentNamed, removeRows } from "./agents.ts";
import type { Connected, Connection } from "./connect.ts";
import { type Database, reading, storing } from "./database.ts";
import { readHead } from "./head.ts";
import { PgSourceStore } from "./source-store.ts";

/** Prefix of sources' names in the table `agents`, which no agent's name can have. */
const SOURCE = ".source-";

/** A fencing number that no holder has, for readers. */
const READING = -1;

/** The sources of one owner in a PostgreSQL database, held by leases like agents. */
export class PgSourceRepository implements SourceRepository {
  readonly #connection: Connection;
  readonly #owner: string;

  constructor(connection: Connection, owner: string) {
    this.#connection = connection;
    this.#owner = owner;
  }

  async names(): Promise<string[]> {
    const { database } = await this.#connect();
    const sql = "SELECT name FROM agents WHERE owner = $1 AND starts_with(name, $2) ORDER BY name";
    const rows = await reading(() => database.query<{ name: string }>(sql, [this.#owner, SOURCE]));
    return rows.map(({ name }) => name.slice(SOURCE.length));
  }

  async has(name: string): Promise<boolean> {
    return (await this.#numberOf(name)) !== undefined;
  }

  async open(name: string, notify?: NoticeSink): Promise<SourceStore> {
    const { database } = await this.#connect();
    const { agent, checked } = await this.#existing(name);
    return new PgSourceStore(database, { agent, fence: READING }, { name: checked, notify });
  }

  async hold(name: string, settings: SourceSettings): Promise<HeldSource> {
    const { database, leases } = await this.#connect();
    const checked = checkName(name, "source");
    const created = await this.#create(database, checked, settings);
    const agent = created ?? (await this.#existing(checked)).agent;
    const fence = await orSourceError(leases.take(agent, checked, database));
    const release = async (): Promise<void> => leases.release(agent, fence, database);
    try {
      const known = { ...(await readHead(database, agent)), fence };
      const store = new PgSourceStore(database, { agent, fence }, { name: checked, known });
      const close = async (): Promise<void> => {
        await store.close();
        await release();
      };
      return { store, isNew: created !== undefined, close };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    const { database, leases } = await this.#connect();
    const { agent, checked } = await this.#existing(name);
    const fence = await orSourceError(leases.take(agent, checked, database));
    try {
      await removeRows(database, agent, fence);
    } finally {
      await leases.release(agent, fence, database);
    }
  }

  /** @returns the source's number; undefined if the name is taken. */
  async #create(database: Database, name: string, settings: SourceSettings): Promise<number | undefined> {
    const [row] = await storing(() =>
      database.query<{ agent: number }>(
        `WITH named AS (
           INSERT INTO agents (owner, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING agent
         ), begun AS (INSERT INTO heads (agent) SELECT agent FROM named),
         described AS (INSERT INTO sources (agent, settings) SELECT agent, $3::text FROM named)
         SELECT agent FROM named`,
        [this.#owner, SOURCE + name, JSON.stringify(settings)],
      ),
    );
    return row?.agent;
  }

  async #existing(name: string): Promise<{ readonly agent: number; readonly checked: string }> {
    const checked = checkName(name, "source");
    const agent = await this.#numberOf(checked);
    if (agent === undefined) throw noSuchSource(name, await this.names());
    return { agent, checked };
  }

  async #numberOf(name: string): Promise<number | undefined> {
    const { database } = await this.#connect();
    return agentNamed(database, this.#owner, SOURCE + checkName(name, "source"));
  }

  async #connect(): Promise<Pick<Connected, "database" | "leases">> {
    const { database, leases, as } = await this.#connection.connect();
    return { database: as?.(this.#owner) ?? database, leases };
  }
}

async function orSourceError(lease: Promise<number>): Promise<number> {
  return lease.catch((error: unknown) => {
    throw aboutSource(error);
  });
}
