import { parseJson } from "../../memory/envelope.ts";
import { KEPT_CHECKPOINTS } from "../../schema/limits.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import { programVersion } from "../../version.ts";
import { MemGPTError } from "../../errors.ts";
import { isKept, nextName, shownTimeOf } from "../files/checkpoint-name.ts";
import { checkpointText, readCheckpointText } from "../files/checkpoint-text.ts";
import type { Checkpoint, NewCheckpoint } from "../files/checkpoints.ts";
import { surplus } from "../files/retention.ts";
import { type Queryable, reading, storing } from "./database.ts";
import type { Holding } from "./history.ts";
import { overtaken } from "./statement.ts";

type Row = { readonly file: string; readonly op: number; readonly time: string; readonly name: string | null };

/** The checkpoints of an agent: rows with the same text as checkpoint files. */
export class CheckpointRows {
  readonly #database: Queryable;
  readonly #holding: Holding;
  /** Cached names, oldest first. Only the agent's holder writes and removes checkpoints. */
  #known: readonly string[] | undefined;

  constructor(database: Queryable, holding: Holding) {
    this.#database = database;
    this.#holding = holding;
  }

  /** Newest first. */
  async list(): Promise<CheckpointEntry[]> {
    // Not with PostgreSQL's JSON functions: they reject texts with a NUL.
    const after = "substring(json FROM '\\n \"after\": ([^\\n]*)')";
    const sql = `SELECT file, op, time, name, ${after} AS after FROM checkpoints WHERE agent = $1 ORDER BY file DESC`;
    const rows = await reading(() => this.#database.query<Row & { after: string | null }>(sql, [this.#holding.agent]));
    return rows.map((row, index) => {
      const label = parseJson((row.after ?? "").replace(/,$/, ""));
      const after = typeof label === "string" ? label : null;
      return { number: index + 1, ...row, after, kept: isKept(row.file), problem: null };
    });
  }

  /** @throws MemGPTError `storage_failed` if it cannot be read. */
  async read(file: string, options: { readonly edited?: boolean } = {}): Promise<Checkpoint> {
    const sql = "SELECT json FROM checkpoints WHERE agent = $1 AND file = $2";
    const [row] = await reading(() => this.#database.query<{ json: string }>(sql, [this.#holding.agent, file]));
    const read = readCheckpointText(row?.json ?? "", options);
    if ("state" in read) return { file, ...read };
    const problem = "newer" in read ? "was written by a newer memgpt" : `is damaged: ${read.damage}`;
    throw new MemGPTError("storage_failed", `The checkpoint of ${shownTimeOf(file)} ${problem}. Nothing was changed.`);
  }

  /** Writes a checkpoint and prunes automatic ones, in one statement. @returns its file name. */
  async write(
    { op, time, name, kept, after = null, counts, state }: NewCheckpoint,
    newest = KEPT_CHECKPOINTS,
  ): Promise<string> {
    const files = await this.files();
    const file = nextName(time, kept, files.at(-1));
    const removed = surplus([...files, file], time, newest);
    const json = checkpointText({ program: programVersion(), op, time, name, after, counts, state });
    const { agent, fence } = this.#holding;
    this.#known = undefined;
    const written = await storing(() =>
      this.#database.query(
        `WITH held AS (SELECT agent FROM heads WHERE agent = $1 AND fence = $2), pruned AS (
           DELETE FROM checkpoints c USING held WHERE c.agent = held.agent AND c.file = ANY ($8::text[])
         )
         INSERT INTO checkpoints (agent, file, op, time, name, json)
         SELECT agent, $3::text, $4::bigint, $5::text, $6::text, $7::text FROM held RETURNING file`,
        [agent, fence, file, op, time, name, json, removed],
        { isUsual: true },
      ),
    );
    if (written.length === 0) throw overtaken();
    this.#known = without([...files, file], removed);
    return file;
  }

  /** Prunes automatic checkpoints, except the `newest` ones. */
  async prune(now: string, newest: number): Promise<void> {
    const files = await this.files();
    const removed = surplus(files, now, newest);
    if (removed.length === 0) return;
    const sql = "DELETE FROM checkpoints WHERE agent = $1 AND file = ANY ($2::text[])";
    await storing(() => this.#database.query(sql, [this.#holding.agent, removed]));
    this.#known = without(files, removed);
  }

  /** Drops the cache, after others removed checkpoints. */
  reset(): void {
    this.#known = undefined;
  }

  /** Names, oldest first. */
  async files(): Promise<readonly string[]> {
    if (this.#known !== undefined) return this.#known;
    const sql = "SELECT file FROM checkpoints WHERE agent = $1 ORDER BY file";
    const rows = await reading(() => this.#database.query<{ file: string }>(sql, [this.#holding.agent]));
    return rows.map(({ file }) => file);
  }
}

function without(files: readonly string[], removed: readonly string[]): string[] {
  const names = new Set(removed);
  return files.filter((file) => !names.has(file));
}
