import type { AgentInterface as Agent } from "../agent/agent.ts";
import { MemGPTError } from "../errors.ts";

export type AgentHostOptions = {
  /** Agents that are open at the same time, at most; 64 if absent. */
  readonly mostOpen?: number | undefined;
  /** Milliseconds after which an agent that nobody asks for is closed; ten minutes if absent. */
  readonly idleMs?: number | undefined;
  /** Requests that wait for one agent, at most, beside the one that is served; 16 if absent. */
  readonly mostWaiting?: number | undefined;
};

/** An agent, and whose it is. A person's home has one owner, who needs no name. */
export type AgentKey = { readonly owner?: string | undefined; readonly name: string };

export type UseOptions = {
  /** Stops waiting. Work that has begun has a signal of its own. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Keeps agents open for many who ask for them. Requests for one agent are served one after another, in the order in which they
 * came, and those for different agents side by side. Of agents that nobody uses, the least recently used are closed when there
 * is no room for another, and all after a while.
 */
export class AgentHost {
  readonly #open: (key: AgentKey) => Promise<Agent>;
  readonly #mostOpen: number;
  readonly #idleMs: number;
  readonly #mostWaiting: number;
  /** By owner and name, the least recently used first. */
  readonly #residents = new Map<string, Resident>();
  /** Those who wait for room. */
  readonly #roomless: (() => void)[] = [];
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
   * Runs `work` with the agent when its turn comes. The agent is the host's: `work` must not close it.
   *
   * @throws MemGPTError `queue_full` if too many wait for the agent already; `interrupted` if `signal` is aborted or the host
   *   closed before its turn; and what opening the agent, or `work`, throws.
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

  /** As `use`, for work that yields, such as a turn's events. The agent is free again when the caller stops or it ends. */
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

  /** Closes the agent in its turn, and runs `work`, such as its removal, before anybody can open it again. @throws as `use` does. */
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
    for (const wake of this.#roomless.splice(0)) wake();
    await Promise.all([...this.#residents.values()].map(({ idle }) => idle));
    await Promise.all([...this.#residents.values()].map((resident) => this.#let(resident)));
  }

  /** Waits for the turn at an agent, which `release` ends. */
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
        const message = `${resident.queue.length} requests wait for agent ${key.name} already. Nothing was done; try again later.`;
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
    // One that could not be opened is not kept.
    if (resident.agent === undefined) this.#residents.delete(idOf(resident.key));
    else if (this.#closing === undefined) {
      resident.timer = setTimeout(() => void this.#let(resident), this.#idleMs).unref();
    }
    this.#roomless.shift()?.();
  }

  /** The agent, opened if it is not; its turn has come. */
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
    if (unused !== undefined) return this.#let(unused);
    if (this.#closing !== undefined) throw closed();
    // All are busy: the first to finish wakes the request that has waited longest.
    await new Promise<void>((resolve) => this.#roomless.push(resolve));
  }

  /** Closes an agent that another process has taken, or of which nobody knows what is stored: whoever asks next opens it again. */
  async #drop(resident: Resident, error: unknown): Promise<void> {
    if (!(error instanceof MemGPTError) || (error.code !== "agent_locked" && error.kept !== "unknown")) return;
    const { agent } = resident;
    resident.agent = undefined;
    await agent?.close().catch(() => undefined);
  }

  /** Closes an agent that nobody uses. */
  async #let(resident: Resident): Promise<void> {
    const { agent } = resident;
    if (agent === undefined || resident.isBusy) return;
    // A request for it meanwhile waits until it is closed, and opens it again.
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

/** An agent, and those who want it. */
class Resident {
  readonly key: AgentKey;
  agent: Agent | undefined;
  timer: NodeJS.Timeout | undefined;
  readonly queue: Waiting[] = [];
  /** Resolves when nobody uses it. */
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

  /** Waits until it is this one's turn. */
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

  /** Ends a turn. @returns whether another has begun. */
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

/** The same for the same agent of the same owner. */
function idOf({ owner = "", name }: AgentKey): string {
  return JSON.stringify([owner, name]);
}

function closed(): MemGPTError {
  return new MemGPTError("interrupted", "The host of the agents is closing. Nothing was done.");
}
