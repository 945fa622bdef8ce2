import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type MemGPT, MemGPTError } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";
import { visible } from "../terminal/sanitize.ts";
import { type ImportCommandOptions, type NamedImport, importFound } from "./import.ts";

export type MigrateOptions = ImportCommandOptions & { readonly from?: string };

/**
 * `memgpt migrate`: the agents of MemGPT 0.2 that a folder has, each from its newest checkpoint. Nothing in it is changed.
 *
 * @returns the exit code: 1 if an agent could not be read.
 */
export async function migrate({ from, ...options }: MigrateOptions): Promise<number> {
  const folder = from ?? join(homedir(), ".memgpt");
  const memgpt = await openHome();
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
  for (const left of [...unread, ...(await leftIn(folder))]) process.stderr.write(`${visible(left)}\n`);
  if (found.length === 0) {
    const what = unread.length === 0 ? "has no agents of MemGPT 0.2" : "has no agents of MemGPT 0.2 that can be read";
    throw new MemGPTError("not_found", `${folder} ${what}. Nothing was imported; --from names another folder.`);
  }
  const code = await importFound(memgpt, found, options);
  return unread.length === 0 ? code : 1;
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
    ...(existsSync(join(folder, "sqlite.db"))
      ? [`${join(folder, "sqlite.db")} is a database of MemGPT 0.3, which is not read yet.`]
      : []),
  ];
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
