import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type FoundImport, type MemGPT, MemGPTError } from "../../index.ts";
import type { NamedImport } from "./import.ts";

/** What a folder or server has to migrate, with lines about the rest. */
export type Origin = {
  readonly found: readonly NamedImport[];
  /** Agents that cannot be read, and why. */
  readonly unread: readonly string[];
  /** Other data that cannot be migrated, and what to do about it. */
  readonly left: readonly string[];
  /** Says that the place has no agents. */
  readonly none: string;
};

/** The agents in `folder`: those of MemGPT 0.2, each from its newest checkpoint, and those in a database of 0.3. */
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

/** Names the agent to import each into. A server with several users may have several agents of one name. */
export async function named(memgpt: MemGPT, found: readonly FoundImport[]): Promise<NamedImport[]> {
  const taken = new Map<string, number>();
  const all: NamedImport[] = [];
  for (const item of found) {
    const [memory] = item.memories;
    if (memory === undefined) continue;
    const name = await memgpt.imports.suggestedAgent(item, memory);
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    all.push({ found: item, agent: count === 1 ? name : `${name.slice(0, 60)}-${count}` });
  }
  return all;
}

/** In a home shared with the original, the original's folder already has the name. */
function nameHere({ home }: MemGPT, folder: string, name: string): string {
  return resolve(folder) === home.root ? `${name}-0.2` : name;
}

/** The newest checkpoint of an original agent, by the time in its name; undefined for one of our agents, with a database. */
async function newestCheckpoint(agent: string): Promise<string | undefined> {
  if (existsSync(join(agent, "agent.db"))) return undefined;
  const states = join(agent, "agent_state");
  const found = (await readdir(states).catch(() => [])).filter((file) => file.endsWith(".json"));
  const [newest] = found.sort((a, b) => timeIn(b) - timeIn(a));
  return newest === undefined ? undefined : join(states, newest);
}

/** The time in a name such as `2024-01-03_05_37_00_PM_PST-0800.json`, in ms since 1970; 0 for other names. */
function timeIn(file: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)_(\d\d)_(\d\d)_(\d\d)_([AP])M_[A-Z]*([+-]\d\d)(\d\d)/.exec(file);
  if (parts === null) return 0;
  const [, day = "", hour = "", minute = "", second = "", half = "", zoneHours = "", zoneMinutes = ""] = parts;
  const hours = String((Number(hour) % 12) + (half === "P" ? 12 : 0)).padStart(2, "0");
  return Date.parse(`${day}T${hours}:${minute}:${second}${zoneHours}:${zoneMinutes}`);
}

/** What the folder has that cannot be migrated. */
async function leftIn(folder: string): Promise<string[]> {
  const sources = await foldersIn(join(folder, "archival"));
  return [
    ...sources.map(
      (name) =>
        `Source ${name} is a pickle file, which memgpt does not read; load its documents again: memgpt load ${name} PATH`,
    ),
    ...(existsSync(join(folder, "chroma"))
      ? [
          `${join(folder, "chroma")} has archival memory of MemGPT 0.3: memgpt load vector-database --name NAME --uri ${join(folder, "chroma")}`,
        ]
      : []),
  ];
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
