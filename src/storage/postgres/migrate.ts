import { MemGPTError } from "../../errors.ts";
import { type Database, type Queryable, reading } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { prepareVectors } from "./near-vectors.ts";

/** Advisory lock, so that concurrent processes migrate one after another. */
const LOCK = 7_246_178;

/**
 * Brings the schema up to date.
 *
 * @throws MemGPTError `storage_failed` if a newer program has changed the schema since, or the database cannot be reached.
 */
export async function migrate(database: Database): Promise<void> {
  if ((await versionOf(database)) < MIGRATIONS.length) await step(database);
  // pgvector may be installed at any time.
  await prepareVectors(database);
}

async function step(database: Database): Promise<void> {
  // The version is read inside the transaction, once the lock is held.
  const steps = MIGRATIONS.map(
    (step, i) => `IF version < ${i + 1} THEN ${step} UPDATE memgpt_schema SET version = ${i + 1}; END IF;`,
  );
  await reading(() =>
    database.script(`
      SELECT pg_advisory_xact_lock(${LOCK});
      CREATE TABLE IF NOT EXISTS memgpt_schema (version integer NOT NULL);
      INSERT INTO memgpt_schema SELECT 0 WHERE NOT EXISTS (SELECT FROM memgpt_schema);
      DO $migrate$ DECLARE version integer := (SELECT s.version FROM memgpt_schema s); BEGIN ${steps.join("\n")} END $migrate$
    `),
  );
  await checkSchema(database);
}

/** @throws MemGPTError `storage_failed` if a newer program has changed the schema. */
export async function checkSchema(database: Queryable): Promise<void> {
  await versionOf(database);
}

/** Number of migrations applied to the schema; 0 in an empty database. */
async function versionOf(database: Queryable): Promise<number> {
  return reading(async () => {
    const [found] = await database.query<{ is_there: boolean }>(
      "SELECT to_regclass('memgpt_schema') IS NOT NULL AS is_there",
    );
    if (found?.is_there !== true) return 0;
    const [row] = await database.query<{ version: number }>("SELECT version FROM memgpt_schema");
    const version = row?.version ?? 0;
    if (version <= MIGRATIONS.length) return version;
    throw new MemGPTError(
      "storage_failed",
      `A newer memgpt has changed this database (schema ${version}; this one knows ${MIGRATIONS.length}). ` +
        "Nothing was done; update memgpt to use it.",
    );
  });
}
