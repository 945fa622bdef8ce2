import { existsSync, readdirSync } from "node:fs";
import { type Home, sourceFolder } from "./paths.ts";

/** Names of a home's sources, sorted. */
export function sourcesIn(home: Home): string[] {
  if (!existsSync(home.sources)) return [];
  const entries = readdirSync(home.sources, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries
    .map(({ name }) => name)
    .filter((name) => isSource(home, name))
    .sort();
}

function isSource(home: Home, name: string): boolean {
  try {
    return existsSync(sourceFolder(home, name).database);
  } catch {
    // A folder that somebody else put there.
    return false;
  }
}
