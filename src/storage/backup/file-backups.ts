import { existsSync, lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { MemGPTError } from "../../errors.ts";
import type {
  BackedUpAgent,
  BackupOptions,
  BackupReport,
  Backups,
  RestoreBackupOptions,
  RestoreReport,
} from "../../ports/backup.ts";
import type { BackupAgent } from "../../schema/backup.ts";
import { checkedPath, restoreAgent } from "./restore-agent.ts";
import { type Backup, readBackup } from "./read-backup.ts";
import { noteBackup } from "./known-backups.ts";
import { writeBackup } from "./write-backup.ts";
import { type AgentFolder, type Home, agentExists, agentFolder } from "../files/paths.ts";
import { readableAgent } from "../repository/readable.ts";

type Deps = { readonly now: () => string; readonly newId: () => string };

/** Backups of the agents of a home directory. */
export class FileBackups implements Backups {
  readonly #home: Home;
  readonly #deps: Deps;

  /** @param deps.now Now, ISO 8601 in UTC. */
  constructor(home: Home, deps: Deps) {
    this.#home = home;
    this.#deps = deps;
  }

  async write(names: readonly string[], file: string, { force = false, signal }: BackupOptions): Promise<BackupReport> {
    const home = this.#home;
    const nothing = "Nothing was backed up";
    const folders: AgentFolder[] = [];
    for (const name of new Set(names)) folders.push(await readableAgent(home, name, this.#deps.now));
    if (folders.length === 0) throw new MemGPTError("invalid_input", `There are no agents yet. ${nothing}.`);
    if (isWithin(home.agents, file)) {
      const message = `${file} is among the agents' own files, where nothing else belongs. ${nothing}; choose another folder.`;
      throw new MemGPTError("invalid_input", message);
    }
    if (existsSync(file) && !lstatSync(file).isFile()) {
      throw new MemGPTError("invalid_input", `${file} is not a regular file. ${nothing}; give another name.`);
    }
    if (existsSync(file) && !force) {
      throw new MemGPTError("invalid_input", `${file} exists. ${nothing}; give --force to replace it.`);
    }
    const at = this.#deps.now();
    const { manifest, bytes } = await writeBackup(folders, resolve(file), { at, signal });
    try {
      noteBackup(home.backupsFile, { file: resolve(file), at });
    } catch {
      // The backup itself is complete; `forget` just will not list it.
    }
    return { agents: manifest.agents.map(withoutMembers), bytes };
  }

  async restore(
    file: string,
    { verify = false, as, force = false, signal }: RestoreBackupOptions,
  ): Promise<RestoreReport> {
    const { now, newId } = this.#deps;
    try {
      const found = await readBackup(file, signal);
      if (found.damage.length > 0) throw damaged(file, found.damage);
      const { agents, at } = found.manifest;
      const targets = targetsOf(this.#home, found, as);
      if (verify) return { at, agents: agents.map(withoutMembers), notices: [] };
      const taken = targets.filter(({ folder }) => agentExists(folder)).map(({ folder }) => folder.name);
      if (taken.length > 0 && !force) throw alreadyExists(taken, agents.length);
      const restored: BackedUpAgent[] = [];
      const notices: string[] = [];
      for (const { agent, folder } of targets) {
        const options = { now, id: as === undefined ? undefined : newId(), force, signal };
        try {
          notices.push(...(await restoreAgent(file, found, agent, folder, options)));
        } catch (cause) {
          throw partlyRestored(cause, restored);
        }
        restored.push({ ...withoutMembers(agent), name: folder.name });
      }
      return { at, agents: restored, notices };
    } catch (cause) {
      if (cause instanceof MemGPTError || signal?.aborted !== true) throw cause;
      throw new MemGPTError("interrupted", "Stopped. Nothing was restored.", { cause });
    }
  }
}

type Target = { readonly agent: BackupAgent; readonly folder: AgentFolder };

/** The folder of each agent. @throws MemGPTError for invalid agent names and file paths. */
function targetsOf(home: Home, { manifest: { agents } }: Backup, as: string | undefined): Target[] {
  if (as !== undefined && agents.length !== 1) {
    const names = agents.map(({ name }) => name).join(", ");
    throw new MemGPTError("invalid_input", `--as names one agent, and the backup holds ${agents.length}: ${names}.`);
  }
  return agents.map((agent) => {
    for (const { path } of agent.members) checkedPath(path);
    return { agent, folder: agentFolder(home, as ?? agent.name) };
  });
}

function alreadyExists(names: readonly string[], of: number): MemGPTError {
  const problem =
    names.length === 1
      ? `An agent named ${names[0] ?? ""} already exists`
      : `Agents named ${names.join(", ")} already exist`;
  const beside = of === 1 ? "--as NEWNAME restores beside it, --force replaces it" : "--force replaces them";
  return new MemGPTError("agent_exists", `${problem}. Nothing was restored; ${beside}.`);
}

/** Most damaged parts that are listed. */
const MOST_LISTED = 20;

function damaged(file: string, damage: readonly string[]): MemGPTError {
  const more = damage.length > MOST_LISTED ? [`and ${damage.length - MOST_LISTED} more`] : [];
  const lines = [...damage.slice(0, MOST_LISTED), ...more].map((line) => `\n  ${line}`).join("");
  return new MemGPTError("storage_damaged", `${file} is damaged. Nothing was restored.${lines}`);
}

/** The error that stopped the restore, with the agents that were restored before it. */
function partlyRestored(cause: unknown, restored: readonly BackedUpAgent[]): unknown {
  if (restored.length === 0 || !(cause instanceof MemGPTError)) return cause;
  const names = restored.map(({ name }) => name).join(", ");
  return new MemGPTError(cause.code, `${cause.message} Restored before that: ${names}.`, { cause });
}

function withoutMembers({ name, messages, passages, checkpoints }: BackupAgent): BackedUpAgent {
  return { name, messages, passages, checkpoints };
}

/** Whether a file is in a folder, links followed. */
function isWithin(folder: string, file: string): boolean {
  const inside = relative(real(folder), real(file));
  return inside === "" || !(inside === ".." || inside.startsWith(`..${sep}`) || resolve(inside) === inside);
}

/** The path with links resolved as far as it exists. */
function real(path: string): string {
  const full = resolve(path);
  if (existsSync(full)) return realpathSync.native(full);
  const parent = dirname(full);
  return parent === full ? full : join(real(parent), basename(full));
}
