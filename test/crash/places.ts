import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { AgentState } from "../../src/schema/state.ts";
import { readCheckpointText } from "../../src/storage/files/checkpoint-text.ts";
import { CheckpointFolder } from "../../src/storage/files/checkpoints.ts";
import { agentFolder, homeAt } from "../../src/storage/files/paths.ts";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import type { Acknowledged, Autopsy } from "./autopsy.ts";
import { examineFiles } from "./files.ts";
import { examineRows } from "./rows.ts";

/** Where an agent is whose process is killed. */
export type Place = {
  readonly dir: string;
  readonly database: string | undefined;
  readonly name: string;
  /** What is left of the agent. Undefined if there is no such agent. */
  examine(acknowledged: Acknowledged): Promise<Autopsy | undefined>;
  /** The newest checkpoint that can be read, and whether there is a newer one. */
  newest(): Promise<{ readonly state: AgentState | undefined; readonly isDamaged: boolean }>;
  remove(): Promise<void>;
};

/** A home of its own, with the agent in files. */
export function inFiles(): Place {
  const dir = mkdtempSync(join(tmpdir(), "memgpt-crash-"));
  const name = "victim";
  const folder = agentFolder(homeAt(dir), name);
  return {
    dir,
    database: undefined,
    name,
    examine: async (acknowledged) => (existsSync(folder.database) ? examineFiles(folder, acknowledged) : undefined),
    newest: async () => {
      const { checkpoint, damaged } = new CheckpointFolder(folder.checkpoints).newest();
      return { state: checkpoint?.state, isDamaged: damaged.length > 0 };
    },
    remove: async () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** An agent of its own in a PostgreSQL database. */
export function inDatabase(url: string): Place {
  const dir = mkdtempSync(join(tmpdir(), "memgpt-crash-"));
  const name = `victim-${crypto.randomUUID()}`;
  const database = new PgDatabase({ url, mostConnections: 2 });
  return {
    dir,
    database: url,
    name,
    examine: async (acknowledged) => {
      await settled(database);
      const [made] = await database.query<{ it: boolean }>("SELECT to_regclass('agents') IS NOT NULL AS it");
      return made?.it === true ? examineRows(database, name, acknowledged) : undefined;
    },
    newest: async () => {
      const [row] = await database.query<{ json: string }>(
        `SELECT c.json FROM checkpoints c JOIN agents a USING (agent) WHERE a.name = $1 ORDER BY c.file DESC LIMIT 1`,
        [name],
      );
      const read = row === undefined ? undefined : readCheckpointText(row.json);
      const state = read !== undefined && "state" in read ? read.state : undefined;
      return { state, isDamaged: read !== undefined && state === undefined };
    },
    remove: async () => {
      await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Waits until the server has done what a process that is gone asked for, and tells it at once that this one is gone. */
async function settled(database: PgDatabase): Promise<void> {
  const busy = `SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'`;
  while ((await database.query(busy)).length > 0) await setTimeout(5);
  await database.query(
    `DO $$ BEGIN IF to_regclass('processes') IS NOT NULL THEN
       UPDATE processes SET alive_until = clock_timestamp() - interval '1 minute';
     END IF; END $$`,
  );
}
