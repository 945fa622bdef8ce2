import { AgentHeldError, MemGPTError } from "../../errors.ts";
import { type Queryable, again, reading, storing } from "./database.ts";
import { checkSchema } from "./migrate.ts";
import { MIGRATIONS } from "./migrations.ts";

/** Seconds that a process is taken to be alive after it last said so, by the clock of the database. */
const LEASE_SECONDS = 6;

/** Whether a process `p` lives. No lease reaches further than its length, unless the clock was set back since. */
const IS_ALIVE = `p.alive_until BETWEEN clock_timestamp() AND clock_timestamp() + interval '${2 * LEASE_SECONDS} seconds'`;

/** Milliseconds between two signs of life. */
const BEAT_MS = 2_000;

const ALIVE = `clock_timestamp() + interval '${LEASE_SECONDS} seconds'`;

/** Says that a process is alive, and forgets those that have not been for a day. */
const BEAT = `INSERT INTO processes (process, address, alive_until) VALUES ($1::uuid, $2::text, ${ALIVE})
  ON CONFLICT (process) DO UPDATE SET alive_until = excluded.alive_until, address = excluded.address`;

/** `mayHold`: whether this process may be named as the holder already. */
type Taking = { readonly agent: number; readonly name: string; readonly mayHold: boolean };

/**
 * Which agents this process holds. The process says that it lives; the row of an agent names the process that holds it, and counts
 * how often it was taken: the fencing number, without which nothing is stored. So a process that was taken for dead, and is not,
 * stores nothing of an agent that another has taken since.
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

  /** Where this process serves its agents, for those who ask another for them. */
  set address(address: string) {
    this.#address = address;
  }

  /**
   * Takes an agent that nobody holds, or whose holder is dead.
   *
   * @param through the database as the agent's owner sees it.
   * @returns the fencing number.
   * @throws AgentHeldError, naming the holder; MemGPTError `storage_failed` if a newer program has changed the schema since.
   */
  async take(agent: number, name: string, through: Queryable = this.#database): Promise<number> {
    // Where an answer was lost, this process may be named as the holder and not know of it.
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
    this.#beating ??= setInterval(() => {
      void this.#beat();
    }, BEAT_MS).unref();
    return taken.fence;
  }

  /** Lets an agent go, if nobody has taken it since. */
  async release(agent: number, fence: number, through: Queryable = this.#database): Promise<void> {
    this.#held.delete(agent);
    if (this.#held.size === 0) {
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
      // The next one may reach the database again; until then the fencing number keeps what is stored safe.
    }
  }

  async #heldBy(agent: number, name: string, through: Queryable): Promise<MemGPTError> {
    const [holder] = await reading(() =>
      through.query<{ address: string | null; process: string }>(
        `SELECT p.address, p.process::text AS process FROM heads h JOIN processes p ON p.process = h.holder WHERE h.agent = $1`,
        [agent],
      ),
    );
    if (holder === undefined) return new MemGPTError("agent_locked", `Agent ${name} has just been taken. Try again.`);
    const isOwn = holder.process === this.#process;
    const where = isOwn ? "already in this process" : inAnother(holder.address);
    const message = `Agent ${name} is open ${where}. Close it there, or choose another agent.`;
    return new AgentHeldError(message, isOwn ? undefined : (holder.address ?? undefined));
  }
}

function inAnother(address: string | null): string {
  return address === null ? "in another process" : `in another process, which serves it at ${address}`;
}
