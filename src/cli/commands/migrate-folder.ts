import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type FoundImport, type MemGPT, MemGPTError } from "../../index.ts";
import type { NamedImport } from "./import.ts";

/** What there is to migrate, for a person as well. */
export type Origin = {
  readonly found: readonly NamedImport[];
  /** Agents that cannot be read, and why. */
  readonly unread: readonly string[];
  /** What else is there that cannot come along. */
  readonly left: readonly string[];
  /** What is said if nothing was found. */
  readonly none: string;
};

/** The agents in `folder`: of MemGPT 0.2, each from its newest checkpoint, and of the database of 0.3. */
export async function inFolder(memgpt: MemGPT, folder: string): Promise<Origin> {
  const found: NamedImport[] = [];
  const unread: string[] = [];
  for (const name of await foldersIn(join(folder, "agents"))) {
    try {
      const file = await newestCheckpoint(join(folder, "agents", name));
      if (file === undefined) continue;
      found.push({ found: await memgpt.imports.find(file), agent: nameHere(memgpt, folder, name) });
    } catch (error) {
      if (!(error instanceof MemGPTError)) throw error;
      unread.push(`Agent ${name} cannot be read: ${error.message}`);
    }
  }
  const database = join(folder, "sqlite.db");
  if (existsSync(database)) {
    try {
      const inDatabase = await memgpt.imports.findInDatabase(database);
      found.push(...(await named(memgpt, inDatabase.found)));
      unread.push(...inDatabase.unread);
    } catch (error) {
      if (!(error instanceof MemGPTError)) throw error;
      unread.push(error.message);
    }
  }
  return { found, unread, left: await leftIn(folder), none: `${folder} has no agents of MemGPT 0.2 or 0.3` };
}

/** With the agents that they are imported into. Where users are kept together, several agents can have one name. */
export async function named(memgpt: MemGPT, found: readonly FoundImport[]): Promise<NamedImport[]> {
  const taken = new Map<string, number>();
  const all: NamedImport[] = [];
  for (const one of found) {
    const [memory] = one.memories;
    if (memory === undefined) continue;
    const name = await memgpt.imports.suggestedAgent(one, memory);
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    all.push({ found: one, agent: count === 1 ? name : `${name.slice(0, 60)}-${count}` });
  }
  return all;
}

/** In a home that is shared with the original, the agent's folder there has the name already. */
function nameHere({ home }: MemGPT, folder: string, name: string): string {
  return resolve(folder) === home.root ? `${name}-0.2` : name;
}

/** The newest checkpoint in the original's folder of an agent, by the time in its name. Agents of ours have a database. */
async function newestCheckpoint(agent: string): Promise<string | undefined> {
  if (existsSync(join(agent, "agent.db"))) return undefined;
  const states = join(agent, "agent_state");
  const found = (await readdir(states).catch(() => [])).filter((file) => file.endsWith(".json"));
  const [newest] = found.sort((a, b) => timeIn(b) - timeIn(a));
  return newest === undefined ? undefined : join(states, newest);
}

/** Of a name such as `2024-01-03_05_37_00_PM_PST-0800.json`; 0 for another. */
function timeIn(file: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)_(\d\d)_(\d\d)_(\d\d)_([AP])M_[A-Z]*([+-]\d\d)(\d\d)/.exec(file);
  if (parts === null) return 0;
  const [, day = "", hour = "", minute = "", second = "", half = "", zoneHours = "", zoneMinutes = ""] = parts;
  const hours = String((Number(hour) % 12) + (half === "P" ? 12 : 0)).padStart(2, "0");
  return Date.parse(`${day}T${hours}:${minute}:${second}${zoneHours}:${zoneMinutes}`);
}

/** What the folder has that cannot come along. */
async function leftIn(folder: string): Promise<string[]> {
  const sources = await foldersIn(join(folder, "archival"));
  return [
    ...sources.map(
      (name) => `Source ${name} is a pickle, which is not read: load its documents with memgpt load ${name}.`,
    ),
    ...(existsSync(join(folder, "chroma"))
      ? [`${join(folder, "chroma")} has archival memory of MemGPT 0.3, which is not read.`]
      : []),
  ];
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
