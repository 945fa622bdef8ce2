import { defineDerived } from "./derived.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";
import { MIGRATIONS } from "./migrations.ts";

/** The database's number of applied migrations, and a problem if its schema contradicts it; empty if none. */
export type SchemaVersion = { readonly version: number; readonly problem: string };

/** Compares version and schema: since every migration changes the schema, a corrupted version number shows. */
export async function schemaVersion(db: Database): Promise<SchemaVersion> {
  // In one transaction: another process may be migrating.
  const { version, schema } = db.transaction(() => ({
    version: Number(db.pragma("user_version", { simple: true })),
    schema: schemaOf(db),
  }))();
  const newest = MIGRATIONS.length;
  if (version === newest || schema === "[]" || schema !== (await newestSchema())) return { version, problem: "" };
  return { version, problem: `its schema is version ${newest}, but it says version ${version}` };
}

function schemaOf(db: Database): string {
  return JSON.stringify(db.prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name").all());
}

async function newestSchema(): Promise<string> {
  const db = new (await loadSqlite())(":memory:");
  try {
    defineDerived(db);
    for (const step of MIGRATIONS) db.exec(step);
    return schemaOf(db);
  } finally {
    db.close();
  }
}
