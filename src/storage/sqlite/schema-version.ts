import { defineDerived } from "./derived.ts";
import { type Database, loadSqlite } from "./load-sqlite.ts";
import { MIGRATIONS } from "./migrations.ts";

/** How many migrations the database says that it has had, and what contradicts that; empty if nothing does. */
export type SchemaVersion = { readonly version: number; readonly problem: string };

/** Every migration changes the schema, so a number changed on the disk shows by the schema beside it. */
export async function schemaVersion(db: Database): Promise<SchemaVersion> {
  // In one transaction: another process may be migrating.
  const { version, schema } = db.transaction(() => ({
    version: Number(db.pragma("user_version", { simple: true })),
    schema: schemaOf(db),
  }))();
  const newest = MIGRATIONS.length;
  if (version === newest || schema === "[]" || schema !== (await newestSchema())) return { version, problem: "" };
  return { version, problem: `it says that its schema is version ${version}, and it is version ${newest}` };
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
