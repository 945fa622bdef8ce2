import type { AgentInterface as Agent } from "../agent/agent.ts";
import { MemGPTError } from "../errors.ts";

export type AgentHostOptions = {
  /** Most agents open at the same time (default: 64). */
  readonly mostOpen?: number | undefined;
  /** Milliseconds without requests after which an agent is closed (default: ten minutes). */
  readonly idleMs?: number | undefined;
  /** Most requests that wait for one agent, besides the one being served (default: 16). */
  readonly mostWaiting?: number | undefined;
};

/** An agent and its owner. A person's home has one owner, who needs no name. */
export type AgentKey = { readonly owner?: string | undefined; readonly name: string };

export type UseOptions = {
  /** Stops waiting. Work that has begun needs its own signal. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Keeps agents open for many callers. Serves requests for one agent in order, and those for different agents
 * concurrently. Closes the least recently used idle agent when there is no room for another, and every idle agent after
 * a while.
 */
export class AgentHost {
  readonly #open: (key: AgentKey) => Promise<Agent>;
  readonly #mostOpen: number;
  readonly #idleMs: number;
  readonly #mostWaiting: number;
  /** By owner and name, the least recently used first. */
  readonly #residents = new Map<string, Resident>();
  /** Wakes the requests that wait for room. */
  readonly #waitingForRoom: (() => void)[] = [];
  #closing: Promise<void> | undefined;

  /** @param open Opens an agent, such as `({ name }) => memgpt.openAgent(name)`. */
  constructor(open: (key: AgentKey) => Promise<Agent>, options: AgentHostOptions = {}) {
    this.#open = open;
    this.#mostOpen = Math.max(1, options.mostOpen ?? 64);
    this.#idleMs = options.idleMs ?? 600_000;
    this.#mostWaiting = options.mostWaiting ?? 16;
  }

  /** The agents that are open, the least recently used first. */
  get residents(): readonly AgentKey[] {
    return [...this.#residents.values()].flatMap(({ key, agent }) => (agent === undefined ? [] : [key]));
  }

  /**
   * Runs `work` with the agent when its turn comes. The agent belongs to the host: `work` must not close it.
   *
   * @throws MemGPTError `queue_full` if too many requests already wait for the agent; `interrupted` if `signal` is
   *   aborted or the host closed before its turn; as opening the agent and `work` do.
   */
  async use<T>(agent: AgentKey, work: (agent: Agent) => Promise<T>, options: UseOptions = {}): Promise<T> {
    const { resident, release } = await this.#enter(agent, options.signal);
    try {
      return await work(await this.#agent(resident));
    } catch (error) {
      await this.#drop(resident, error);
      throw error;
    } finally {
      release();
    }
  }

  /**
   * As `use`, for work that yields, such as a turn's events. Frees the agent when the work ends or the caller stops.
   */
  async *stream<T>(
    agent: AgentKey,
    work: (agent: Agent) => AsyncIterable<T>,
    options: UseOptions = {},
  ): AsyncGenerator<T, void, void> {
    const { resident, release } = await this.#enter(agent, options.signal);
    try {
      yield* work(await this.#agent(resident));
    } catch (error) {
      await this.#drop(resident, error);
      throw error;
    } finally {
      release();
    }
  }

  /**
   * Closes the agent, and runs `work`, such as its removal, before anybody can open it again. @throws as `use` does.
   */
  async whileClosed<T>(key: AgentKey, work: () => Promise<T>, options: UseOptions = {}): Promise<T> {
    const { resident, release } = await this.#enter(key, options.signal);
    try {
      const { agent } = resident;
      resident.agent = undefined;
      await agent?.close();
      return await work();
    } finally {
      release();
    }
  }

  /** Refuses waiting requests, lets running turns end, and closes every agent. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const resident of this.#residents.values()) for (const waiting of resident.queue.splice(0)) waiting.refuse();
    for (const wake of this.#waitingForRoom.splice(0)) wake();
    await Promise.all([...this.#residents.values()].map(({ idle }) => idle));
    await Promise.all([...this.#residents.values()].map((resident) => this.#closeIdle(resident)));
  }

  /** Waits for a turn at an agent. `release` ends it. */
  async #enter(
    key: AgentKey,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly resident: Resident; readonly release: () => void }> {
    if (this.#closing !== undefined) throw closed();
    signal?.throwIfAborted();
    const id = idOf(key);
    const resident = this.#residents.get(id) ?? new Resident(key);
    this.#residents.delete(id);
    this.#residents.set(id, resident);
    if (!resident.isBusy) {
      resident.begin();
    } else {
      if (resident.queue.length >= this.#mostWaiting) {
        const message = `${resident.queue.length} requests already wait for agent ${key.name}. Nothing was done; try again later.`;
        throw new MemGPTError("queue_full", message);
      }
      await resident.wait(signal);
    }
    const release = (): void => {
      this.#leave(resident);
    };
    return { resident, release };
  }

  #leave(resident: Resident): void {
    if (resident.next()) return;
    // Forget an agent that could not be opened.
    if (resident.agent === undefined) this.#residents.delete(idOf(resident.key));
    else if (this.#closing === undefined) {
      resident.timer = setTimeout(() => void this.#closeIdle(resident), this.#idleMs).unref();
    }
    this.#waitingForRoom.shift()?.();
  }

  /** The agent, opened if necessary. */
  async #agent(resident: Resident): Promise<Agent> {
    if (resident.agent !== undefined) return resident.agent;
    while (this.residents.length + this.#opening >= this.#mostOpen) await this.#makeRoom();
    this.#opening += 1;
    try {
      const agent = await this.#open(resident.key);
      resident.agent = agent;
      return agent;
    } finally {
      this.#opening -= 1;
    }
  }

  #opening = 0;

  async #makeRoom(): Promise<void> {
    const unused = [...this.#residents.values()].find(({ agent, isBusy }) => agent !== undefined && !isBusy);
    if (unused !== undefined) return this.#closeIdle(unused);
    if (this.#closing !== undefined) throw closed();
    // All are busy: the first to finish wakes the request that has waited longest.
    await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  /**
   * Closes an agent that another process has taken, or whose stored state is unknown. The next request opens it again.
   */
  async #drop(resident: Resident, error: unknown): Promise<void> {
    if (!(error instanceof MemGPTError) || (error.code !== "agent_locked" && error.kept !== "unknown")) return;
    const { agent } = resident;
    resident.agent = undefined;
    await agent?.close().catch(() => undefined);
  }

  /** Closes an agent if it is idle. */
  async #closeIdle(resident: Resident): Promise<void> {
    const { agent } = resident;
    if (agent === undefined || resident.isBusy) return;
    // Makes requests wait until it is closed; the next one opens it again.
    resident.begin();
    resident.agent = undefined;
    try {
      await agent.close();
    } finally {
      this.#leave(resident);
    }
  }
}

type Waiting = { readonly go: () => void; readonly refuse: () => void };

/** An agent and the requests for it. */
class Resident {
  readonly key: AgentKey;
  agent: Agent | undefined;
  timer: NodeJS.Timeout | undefined;
  readonly queue: Waiting[] = [];
  /** Resolves when it is idle. */
  idle: Promise<void> = Promise.resolve();
  #end: (() => void) | undefined;

  constructor(key: AgentKey) {
    this.key = key;
  }

  get isBusy(): boolean {
    return this.#end !== undefined;
  }

  begin(): void {
    clearTimeout(this.timer);
    this.idle = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Waits for a turn. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const stop = (error: unknown): void => {
        signal?.removeEventListener("abort", abort);
        const at = this.queue.indexOf(waiting);
        if (at >= 0) this.queue.splice(at, 1);
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      const abort = (): void => {
        stop(new MemGPTError("interrupted", "Interrupted while waiting for the agent. Nothing was done."));
      };
      const go = (): void => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const waiting: Waiting = {
        go,
        refuse: () => {
          stop(closed());
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.queue.push(waiting);
    });
  }

  /** Ends a turn. @returns whether the next has begun. */
  next(): boolean {
    const waiting = this.queue.shift();
    if (waiting !== undefined) {
      waiting.go();
      return true;
    }
    this.#end?.();
    this.#end = undefined;
    return false;
  }
}

function idOf({ owner = "", name }: AgentKey): string {
  return JSON.stringify([owner, name]);
}

function closed(): MemGPTError {
  return new MemGPTError("interrupted", "The host of the agents is closing. Nothing was done.");
}
