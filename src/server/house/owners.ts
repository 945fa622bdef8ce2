import { join } from "node:path";
import {
  type Agent,
  AgentHost,
  type AgentKey,
  type AgentHostOptions,
  type BlockBook,
  MemGPT,
  MemGPTError,
  type MemGPTOptions,
  type Records,
} from "../../index.ts";
import type { User } from "./accounts.ts";
import { AgentBook, type AgentEntry, stateId } from "./agents.ts";
import { ArchiveBook } from "./archive-book.ts";
import { FolderBook } from "./folder-book.ts";
import { IdentityBook } from "./identity-book.ts";
import { Entrance } from "./entrance.ts";
import { Feed } from "./feed.ts";
import { DEFAULT_USER } from "./ids.ts";
import { PassageNotes } from "./passage-notes.ts";
import { RunBook } from "./run-book.ts";
import { ThreadBook } from "./thread-book.ts";
import { ToolBook } from "./tools.ts";
import type { TurnItem } from "./turn-item.ts";

export type OwnersOptions = AgentHostOptions & {
  /** The operator's home, whose configuration and keys all users share. */
  readonly memgpt: MemGPT;
  /** Options that every user's home is opened with, such as a custom model. */
  readonly open?: Omit<MemGPTOptions, "dir" | "settingsDir" | "owner"> | undefined;
};

/** The owners by user. Each user has a home directory; the default user has the server's. */
export class Owners {
  readonly #operator: MemGPT;
  readonly #options: Omit<MemGPTOptions, "dir" | "settingsDir" | "owner">;
  readonly #owners = new Map<string, Promise<Owner>>();
  readonly host: AgentHost;
  readonly entrance = new Entrance();
  /** The server's URL, once it listens. */
  #address: string | undefined;

  constructor({ memgpt, open = {}, ...host }: OwnersOptions) {
    this.#operator = memgpt;
    this.#options = open;
    this.host = new AgentHost(async ({ owner: id = "", name }) => {
      const owner = await this.#owners.get(id);
      if (owner === undefined) throw new Error(`no owner ${id}`);
      return owner.memgpt.openAgent(name);
    }, host);
  }

  async of(user: Pick<User, "id">): Promise<Owner> {
    const known = this.#owners.get(user.id) ?? this.#open(user.id);
    this.#owners.set(user.id, known);
    try {
      return await known;
    } catch (error) {
      this.#owners.delete(user.id);
      throw error;
    }
  }

  /** Publishes the server's URL, so that other programs can reach agents that it has open. */
  async announce(url: string): Promise<void> {
    this.#address = url;
    const owners = await Promise.all(this.#owners.values());
    const homes = new Set([this.#operator, ...owners.map(({ memgpt }) => memgpt)]);
    await Promise.all([...homes].map((memgpt) => memgpt.announce(url)));
  }

  /** @param settled Waits until the ended turns have written their records. */
  async close(settled: () => Promise<void> = async () => undefined): Promise<void> {
    await this.host.close();
    await settled();
    const owners = await Promise.all(this.#owners.values());
    for (const { feed } of owners) feed.close();
    // The operator's home is open even if nobody has used its agents.
    const homes = new Set([this.#operator, ...owners.map(({ memgpt }) => memgpt)]);
    await Promise.all([...homes].map((memgpt) => memgpt.close()));
  }

  async #open(id: string): Promise<Owner> {
    const { root } = this.#operator.home;
    if (id === DEFAULT_USER) return new Owner(id, this.#operator, this);
    const dir = join(root, "users", id);
    const memgpt = await MemGPT.open({ ...this.#options, dir, settingsDir: root, owner: id });
    if (this.#address !== undefined) await memgpt.announce(this.#address);
    return new Owner(id, memgpt, this);
  }
}

/** One user's agents, and what the server stores about them. */
export class Owner {
  readonly id: string;
  readonly memgpt: MemGPT;
  readonly records: Records;
  readonly agents: AgentBook;
  readonly blocks: BlockBook;
  readonly passageNotes: PassageNotes;
  readonly archives: ArchiveBook;
  readonly threads: ThreadBook;
  readonly runBook: RunBook;
  readonly tools: ToolBook;
  readonly identities: IdentityBook;
  readonly folders: FolderBook;
  /** Broadcasts what the agents do. */
  readonly feed = new Feed();
  /** Lets turns begin; shared by all users. */
  readonly entrance: Entrance;
  readonly #host: AgentHost;

  constructor(id: string, memgpt: MemGPT, { host, entrance }: Pick<Owners, "host" | "entrance">) {
    this.id = id;
    this.memgpt = memgpt;
    this.#host = host;
    this.entrance = entrance;
    this.records = memgpt.records("records");
    this.agents = new AgentBook(memgpt, this.records, () => {
      this.feed.roster();
    });
    this.blocks = memgpt.blocks.book;
    this.identities = new IdentityBook(this.records);
    this.folders = new FolderBook(this.records);
    this.passageNotes = new PassageNotes(this.records);
    this.archives = new ArchiveBook(this.records);
    this.threads = new ThreadBook(this.records);
    this.runBook = new RunBook(this.records);
    this.tools = new ToolBook(memgpt, this.records);
  }

  /** Loads what other processes have changed in the server's records and blocks. */
  async refresh(): Promise<void> {
    await Promise.all([this.records.refresh(), this.blocks.refresh()]);
  }

  /** Runs `work` with the agent, after the work queued before it. */
  async use<T>(entry: AgentEntry, work: (agent: Agent) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const current = async (agent: Agent): Promise<T> => {
      const before = await this.#mark(agent);
      await agent.receiveBlocks();
      try {
        return await work(agent);
      } finally {
        if ((await this.#mark(agent)) !== before) this.feed.changed(entry.id);
      }
    };
    return this.#host.use(this.#key(entry), current, { signal });
  }

  /** Like `use`, for a turn; its events also go to the feed. */
  async *stream(
    entry: AgentEntry,
    work: (agent: Agent) => AsyncIterable<TurnItem>,
    signal?: AbortSignal,
  ): AsyncGenerator<TurnItem, void, void> {
    const { feed } = this;
    async function* shown(agent: Agent): AsyncGenerator<TurnItem, void, void> {
      for await (const item of work(agent)) {
        if (item.type !== "stored") feed.event(entry.id, item);
        yield item;
      }
    }
    let outcome: "done" | "stopped" = "stopped";
    try {
      yield* this.#host.stream(this.#key(entry), shown, { signal });
      outcome = "done";
    } catch (error) {
      if (signal?.aborted !== true) {
        feed.over(entry.id, "failed", error instanceof MemGPTError ? error.message : "Internal error.");
      }
      throw error;
    } finally {
      feed.over(entry.id, outcome);
    }
  }

  /** Reads an agent's storage, even during a turn. */
  async read<T>(entry: AgentEntry, read: Parameters<typeof MemGPT.prototype.readAgent<T>>[1]): Promise<T> {
    return this.memgpt.readAgent(entry.folder, read);
  }

  /** Runs `work` while nobody has the agent open. */
  async whileClosed<T>(entry: AgentEntry, work: () => Promise<T>): Promise<T> {
    return this.#host.whileClosed(this.#key(entry), work);
  }

  async removeAgent(entry: AgentEntry): Promise<void> {
    await this.whileClosed(entry, () => this.agents.remove(entry));
    await this.blocks.agentRemoved(stateId(entry));
  }

  /** The newest operation in the agent's journal; 0 if nobody follows the feed. */
  async #mark(agent: Agent): Promise<number> {
    return this.feed.isFollowed ? agent.journal.head() : 0;
  }

  #key({ folder }: AgentEntry): AgentKey {
    return { owner: this.id, name: folder };
  }
}
