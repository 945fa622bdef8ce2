import { AgentHeldError, type Hold, MemGPTError } from "../../errors.ts";
import type { ServingProcess } from "../../ports/repository.ts";
import { type Queryable, again, reading, storing } from "./database.ts";
import { checkSchema } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";

/** Seconds that a process counts as alive after its last heartbeat, by the database's clock. */
const LEASE_SECONDS = 6;

/** Whether a process `p` is alive. The upper bound rejects leases from before the clock was set back. */
const IS_ALIVE = `p.alive_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '${2 * LEASE_SECONDS} seconds'`;

/** Milliseconds between two heartbeats. */
const BEAT_MS = 2_000;

const ALIVE = `clock_timestamp() + interval '${LEASE_SECONDS} seconds'`;

/** Renews a process's lease. */
const BEAT = `INSERT INTO processes (process, address, alive_until) VALUES ($1::uuid, $2::text, ${ALIVE})
  ON CONFLICT (process) DO UPDATE SET alive_until = excluded.alive_until, address = excluded.address`;

/** `mayHold`: whether the row may already name this process as the holder. */
type Taking = { readonly agent: number; readonly name: string; readonly mayHold: boolean };

/**
 * The agents that this process holds. The process sends heartbeats. An agent's row names its holder and counts how often it was
 * taken: the fencing number, which every write must match. So a process that was wrongly taken for dead cannot write to an agent
 * that another has taken since.
 */
export class Leases {
  readonly #database: Queryable;
  readonly #process = crypto.randomUUID();
  readonly #held = new Set<number>();
  #address: string | null = null;
  #beating: NodeJS.Timeout | undefined;

  constructor(database: Queryable) {
    this.#database = database;
  }

  get process(): string {
    return this.#process;
  }

  /** Publishes the URL at which this process serves its agents. From then on it sends heartbeats even if it holds none. */
  async announce(address: string): Promise<void> {
    this.#address = address;
    await storing(() => again(() => this.#database.query(BEAT, [this.#process, this.#address])));
    this.#goOnBeating();
  }

  /** The other live processes that serve their agents. */
  async others(): Promise<ServingProcess[]> {
    const sql = `SELECT p.process::text AS id, p.address FROM processes p
      WHERE p.process <> $1::uuid AND p.address IS NOT NULL AND ${IS_ALIVE} ORDER BY p.process`;
    return reading(() => this.#database.query<ServingProcess>(sql, [this.#process]));
  }

  /** Withdraws this process from `others`. */
  async close(): Promise<void> {
    clearInterval(this.#beating);
    this.#beating = undefined;
    if (this.#address === null) return;
    // If the database cannot be reached, the lease ends within seconds.
    await this.#database
      .query("DELETE FROM processes WHERE process = $1::uuid", [this.#process])
      .catch(() => undefined);
  }

  /**
   * Takes an agent that has no live holder.
   *
   * @param through The database as the agent's owner sees it.
   * @returns the fencing number.
   * @throws AgentHeldError, naming the holder; MemGPTError `storage_failed` if a newer program has changed the schema since.
   */
  async take(agent: number, name: string, through: Queryable = this.#database): Promise<number> {
    // After a lost answer, the row may name this process as the holder without its knowledge.
    const mayHold = !this.#held.has(agent);
    if (mayHold) this.#held.add(agent);
    try {
      return await this.#take({ agent, name, mayHold }, through);
    } catch (error) {
      if (mayHold) this.#held.delete(agent);
      throw error;
    }
  }

  async #take({ agent, name, mayHold }: Taking, through: Queryable): Promise<number> {
    const ask = (): Promise<{ fence: number }[]> =>
      through.query<{ fence: number }>(
        `WITH beat AS (${BEAT})
         UPDATE heads SET holder = $1::uuid, fence = fence + 1
         WHERE agent = $3 AND (SELECT version FROM memgpt_schema) <= $4 AND (holder IS NULL OR (holder = $1::uuid AND $5) OR NOT EXISTS (
           SELECT FROM processes p WHERE p.process = heads.holder AND ${IS_ALIVE}
         )) RETURNING fence`,
        [this.#process, this.#address, agent, MIGRATIONS.length, mayHold],
      );
    const [taken] = await storing(() => again(ask));
    if (taken === undefined) {
      await checkSchema(this.#database);
      throw await this.#heldBy(agent, name, through);
    }
    this.#goOnBeating();
    return taken.fence;
  }

  #goOnBeating(): void {
    this.#beating ??= setInterval(() => {
      void this.#beat();
    }, BEAT_MS).unref();
  }

  /** Releases an agent, unless another process has taken it since. */
  async release(agent: number, fence: number, through: Queryable = this.#database): Promise<void> {
    this.#held.delete(agent);
    if (this.#held.size === 0 && this.#address === null) {
      clearInterval(this.#beating);
      this.#beating = undefined;
    }
    const sql = "UPDATE heads SET holder = NULL WHERE agent = $1 AND fence = $2";
    await storing(() => again(() => through.query(sql, [agent, fence])));
  }

  async #beat(): Promise<void> {
    try {
      await this.#database.query(BEAT, [this.#process, this.#address]);
      await this.#database.query("DELETE FROM processes WHERE alive_until < clock_timestamp() - interval '1 day'");
    } catch {
      // The next heartbeat may succeed; until then, the fencing number protects the agents.
    }
  }

  async #heldBy(agent: number, name: string, through: Queryable): Promise<MemGPTError> {
    const timeOfDay = (time: string): string => `to_char((${time}) AT TIME ZONE 'UTC', 'HH24:MI:SS')`;
    const [holder] = await reading(() =>
      through.query<{ readonly address: string | null; readonly process: string } & Hold>(
        `SELECT p.address, p.process::text AS process, ${timeOfDay("p.alive_until")} AS until,
           ${timeOfDay(`p.alive_until - interval '${LEASE_SECONDS} seconds'`)} AS "renewedAt",
           greatest(1, ceil(extract(epoch FROM p.alive_until - clock_timestamp())))::integer AS "secondsLeft"
         FROM heads h JOIN processes p ON p.process = h.holder WHERE h.agent = $1`,
        [agent],
      ),
    );
    if (holder === undefined) return new MemGPTError("agent_locked", `Agent ${name} has just been taken. Try again.`);
    const isOwn = holder.process === this.#process;
    const where = isOwn ? "already in this process" : inAnother(holder.address);
    const message = `Agent ${name} is open ${where}. Close it there, or choose another agent.`;
    if (isOwn) return new AgentHeldError(message);
    const { address, until, renewedAt, secondsLeft } = holder;
    const ending = ` Its hold was renewed at ${renewedAt} UTC and ends at ${until}, unless it is renewed again.`;
    return new AgentHeldError(message + ending, address ?? undefined, { until, renewedAt, secondsLeft });
  }
}

function inAnother(address: string | null): string {
  return address === null ? "in another process" : `in another process, which serves it at ${address}`;
}
