import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { MemGPTError } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";
import { visible } from "../terminal/sanitize.ts";
import { type ImportCommandOptions, type NamedFile, importFiles } from "./import.ts";

export type MigrateOptions = ImportCommandOptions & { readonly from?: string };

/**
 * `memgpt migrate`: the agents of MemGPT 0.2 that a folder has, each from its newest checkpoint. Nothing in it is changed.
 *
 * @returns the exit code.
 */
export async function migrate({ from, ...options }: MigrateOptions): Promise<number> {
  const folder = from ?? join(homedir(), ".memgpt");
  const memgpt = await openHome();
  const files: NamedFile[] = [];
  for (const name of await foldersIn(join(folder, "agents"))) {
    const file = await newestCheckpoint(join(folder, "agents", name));
    if (file === undefined) continue;
    // An agent folder of the original, in a home that is shared with it, has the name already.
    files.push({ file, agent: (await memgpt.hasAgent(name)) ? `${name}-0.2` : name });
  }
  for (const left of await leftIn(folder)) process.stderr.write(`${visible(left)}\n`);
  if (files.length === 0) {
    const text = `${folder} has no agents of MemGPT 0.2. Nothing was imported; --from names another folder.`;
    throw new MemGPTError("not_found", text);
  }
  return importFiles(files, options);
}

/** The newest checkpoint of the original's layout, by the time in its name; undefined for a folder that has none. */
async function newestCheckpoint(agent: string): Promise<string | undefined> {
  if (existsSync(join(agent, "agent.db"))) return undefined;
  const states = join(agent, "agent_state");
  const found = (await readdir(states).catch(() => [])).filter((file) => file.endsWith(".json"));
  const [newest] = found.sort((a, b) => timeIn(b) - timeIn(a));
  if (newest === undefined) return undefined;
  const text = await readFile(join(states, newest), "utf8");
  return text.includes('"functions"') && text.includes('"memory"') ? join(states, newest) : undefined;
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
