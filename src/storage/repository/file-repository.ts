import { MemGPTError, describe } from "../../errors.ts";
import type { FindBackups } from "../../ports/forgetting.ts";
import type {
  AgentEntry,
  AgentOverview,
  AgentReader,
  AgentRepository,
  CopyOptions,
  OpenOptions,
  OpenedAgent,
  ReadOptions,
  StoredBytes,
} from "../../ports/repository.ts";
import type { AgentState } from "../../schema/state.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import type { Checkpoint, CheckpointFolder } from "../files/checkpoints.ts";
import { type Home, agentExists, agentFolder } from "../files/paths.ts";
import { agentsIn, existingAgent, freeName, hasLeftovers, notFound } from "./directory.ts";
import { nameTaken } from "../names.ts";
import { commonFiles, readableAgent } from "./readable.ts";
import { bytesOf } from "./stored-bytes.ts";

// SQLite and what needs it are imported with the first agent, so that listing agents starts quickly.
const agentFiles = () => import("./agent-files.ts");
const opening = () => import("./open-agent.ts");
const checkpointing = () => import("./open-checkpoints.ts");

/** The agents of a home directory, each a folder with a SQLite database and checkpoint files. */
export class FileAgentRepository implements AgentRepository {
  readonly #home: Home;
  readonly #now: () => string;
  readonly #backups: FindBackups;

  /** URL at which this process serves its agents, if it does. */
  #servedAt: string | undefined;

  /** @param deps.now Now, ISO 8601 in UTC. @param deps.backups Finds the backups that contain what an agent forgets. */
  constructor(home: Home, { now, backups }: { readonly now: () => string; readonly backups: FindBackups }) {
    this.#home = home;
    this.#now = now;
    this.#backups = backups;
  }

  async list(): Promise<AgentEntry[]> {
    if (hasLeftovers(this.#home)) await (await agentFiles()).sweep(this.#home.agents);
    return agentsIn(this.#home);
  }

  async has(name: string): Promise<boolean> {
    return agentExists(agentFolder(this.#home, name));
  }

  async newName(wanted?: string): Promise<string> {
    const folder = agentFolder(this.#home, wanted ?? freeName(this.#home));
    if (agentExists(folder)) throw nameTaken(folder.name);
    return folder.name;
  }

  async create(name: string, state: AgentState): Promise<void> {
    const folder = agentFolder(this.#home, name);
    if (agentExists(folder)) throw nameTaken(folder.name);
    await (await agentFiles()).createAgentFiles(folder, state, this.#now());
  }

  async open(name: string, { notify, thorough, incognito = false }: OpenOptions = {}): Promise<OpenedAgent> {
    const folder = existingAgent(this.#home, name);
    if (incognito) return (await import("./incognito.ts")).openIncognito(folder, { notify });
    const { openAgentFiles } = await opening();
    const common = commonFiles(this.#home);
    const [now, backups, servedAt] = [this.#now, this.#backups, this.#servedAt];
    const files = await openAgentFiles(folder, { now, notify, thorough, common, backups, servedAt });
    const { state } = files;
    if (state === undefined) {
      await files.release();
      const message = `Agent ${name} has neither a database nor a checkpoint that can be read, in ${folder.root}.`;
      throw new MemGPTError("storage_failed", message);
    }
    const [{ openCheckpoints }, { writing }] = await Promise.all([checkpointing(), import("./checkpoint-writer.ts")]);
    const checkpoints = openCheckpoints(writing(files), files.checkpoints, this.#now);
    // The folder's name wins: a person may have copied or renamed the folder.
    return { ...files, checkpoints, state: { ...state, name: folder.name } };
  }

  async read(name: string, { notify, snapshot = false }: ReadOptions = {}): Promise<AgentReader> {
    const folder = await readableAgent(this.#home, name, this.#now);
    const { SqliteAgentStore } = await import("../sqlite/agent-store.ts");
    const notifying = notify === undefined ? {} : { notify };
    const options = { file: folder.database, readonly: true, snapshot, ...notifying };
    const store = await SqliteAgentStore.open(options).catch((cause: unknown) => {
      // Another process may have removed it since.
      if (!agentExists(folder)) throw notFound(this.#home, name);
      if (cause instanceof MemGPTError && cause.code === "storage_damaged") throw cause;
      const message = `${describe(cause)} \`memgpt doctor --repair --agent ${name}\` restores what it can.`;
      throw new MemGPTError("storage_failed", message, { cause });
    });
    const { history, recall, archival, maintenance } = store;
    const close = async (): Promise<void> => store.close();
    const bytes = async (): Promise<StoredBytes> => bytesOf(folder);
    return { name: folder.name, history, recall, archival, maintenance, bytes, close };
  }

  async overview(name: string): Promise<AgentOverview> {
    const { agentOverview } = await import("../sqlite/agent-overview.ts");
    return agentOverview((await readableAgent(this.#home, name, this.#now)).database);
  }

  async checkpoints(name: string): Promise<CheckpointEntry[]> {
    const { CheckpointFolder } = await import("../files/checkpoints.ts");
    return new CheckpointFolder((await readableAgent(this.#home, name, this.#now)).checkpoints).list();
  }

  async copy(from: string, to: string, { id, at }: CopyOptions): Promise<void> {
    const target = agentFolder(this.#home, to);
    const source = await readableAgent(this.#home, from, this.#now);
    if (agentExists(target)) throw nameTaken(target.name);
    const { copyAgentFiles } = await import("./copy-agent.ts");
    const { findIn } = await checkpointing();
    const find = async (folder: CheckpointFolder): Promise<Checkpoint> => findIn(folder, at ?? "", this.#now());
    try {
      await copyAgentFiles(source, target, { now: this.#now, id, find: at === undefined ? undefined : find });
    } catch (error) {
      // Another process may have removed it meanwhile.
      if (!agentExists(source)) throw notFound(this.#home, from);
      throw error;
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const target = agentFolder(this.#home, to);
    await (await agentFiles()).renameAgentFiles(existingAgent(this.#home, from), target);
  }

  async delete(name: string): Promise<void> {
    await (await agentFiles()).removeAgentFiles(existingAgent(this.#home, name));
  }

  async announce(url: string): Promise<void> {
    this.#servedAt = url;
  }

  async close(): Promise<void> {
    // The agents share no resource.
  }
}
