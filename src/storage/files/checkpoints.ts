import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";
import { CHECKPOINT_FORMAT, type CheckpointFile, type NewerFile, parseCheckpoint } from "../../schema/checkpoint.ts";
import type { AgentState } from "../../schema/state.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import { programVersion } from "../../version.ts";
import { writeFileAtomic } from "./atomic.ts";
import { isCheckpointName, isKept, nextName } from "./checkpoint-name.ts";
import { makeFolder } from "./folders.ts";
import { KEPT_NEWEST, surplus } from "./retention.ts";

/** One agent at one time. */
export type Checkpoint = { readonly file: string } & CheckpointFile;

/** A checkpoint to be written. `kept`: it stays for ever; only such a one has a name, and need not have. */
export type NewCheckpoint = {
  readonly op: number;
  readonly time: string;
  readonly name: string | null;
  readonly kept: boolean;
  readonly after?: string | null;
  readonly counts?: CheckpointFile["counts"];
  readonly state: AgentState;
};

/** What was found wrong and set aside. */
export type Damage = { readonly file: string; readonly reason: string };

/** The folder `agent_state/` of one agent: JSON files named by their time, so that their names sort by age. */
export class CheckpointFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names of the files, oldest first. */
  files(): string[] {
    return this.#names().filter(isCheckpointName).sort();
  }

  /** Removes what a crash left half written. The folder must be locked: nobody else may be writing. */
  removeUnfinished(): void {
    for (const file of this.#names()) {
      if (/\.json\.\d+\.tmp$/.test(file)) rmSync(join(this.#folder, file), { force: true });
    }
  }

  /** Newest first. Those that cannot be loaded are left out and have no number. */
  list(): CheckpointEntry[] {
    const loadable = this.files()
      .reverse()
      .flatMap((file) => {
        const read = this.#readIfThere(file);
        return read === undefined || !("state" in read) ? [] : [{ file, ...read }];
      });
    return loadable.map(({ file, op, time, name, after }, index) => ({
      number: index + 1,
      file,
      op,
      time,
      name,
      kept: isKept(file),
      after,
    }));
  }

  /** The name that a checkpoint written now would get. It sorts after every other. */
  nextFile(time: string, kept: boolean): string {
    return nextName(time, kept, this.files().at(-1));
  }

  /**
   * Writes a checkpoint and removes those that are no longer worth keeping, but for the `newest` automatic ones.
   *
   * @param file a name that `nextFile` gave for the same `time` and `kept`.
   * @returns the name of the file.
   */
  write(
    { op, time, name, kept, after = null, counts, state }: NewCheckpoint,
    file = this.nextFile(time, kept),
    newest: number = KEPT_NEWEST,
  ): string {
    makeFolder(this.#folder);
    const head = { format: CHECKPOINT_FORMAT, program: programVersion(), op, time, name, after, counts } as const;
    const content: CheckpointFile = { ...head, state };
    writeFileAtomic(join(this.#folder, file), `${JSON.stringify(content, null, 1)}\n`);
    this.prune(time, newest);
    return file;
  }

  /**
   * Removes the automatic checkpoints that are no longer worth keeping, but for the `newest` of them, one at least.
   *
   * @returns how many files were removed.
   */
  prune(now: string, newest: number): number {
    const gone = surplus(this.files(), now, newest);
    for (const file of gone) rmSync(join(this.#folder, file), { force: true });
    return gone.length;
  }

  /**
   * One checkpoint by the name of its file. Nothing is changed, whatever it holds.
   *
   * @throws MemGPTError `storage_failed` if it cannot be read, is damaged, or a newer program wrote it.
   */
  read(file: string): Checkpoint {
    const read = this.#readOrThrow(file);
    if ("state" in read) return { file, ...read };
    if ("newer" in read) throw tooNew(file, read.newer);
    throw new MemGPTError("storage_failed", `Checkpoint ${file} is damaged (${read.damage}). Nothing was changed.`);
  }

  /**
   * The newest checkpoint that can be read. Damaged files newer than it are set aside under another name, never
   * overwritten.
   *
   * @throws MemGPTError `storage_failed` if the newest was written by a newer program, or cannot be read at all.
   */
  newest(): { checkpoint: Checkpoint | undefined; damaged: Damage[] } {
    const damaged: Damage[] = [];
    for (const file of this.files().reverse()) {
      const read = this.#readOrThrow(file);
      if ("state" in read) return { checkpoint: { file, ...read }, damaged };
      if ("newer" in read) throw tooNew(file, read.newer);
      renameSync(join(this.#folder, file), join(this.#folder, `${file}.damaged`));
      damaged.push({ file, reason: read.damage });
    }
    return { checkpoint: undefined, damaged };
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch (error) {
      // It may go away at any moment where it is only listed: the agent is then being removed.
      if (!existsSync(this.#folder)) return [];
      throw error;
    }
  }

  #read(file: string): ReturnType<typeof parseCheckpoint> {
    return parseCheckpoint(readFileSync(join(this.#folder, file), "utf8"));
  }

  #readOrThrow(file: string): ReturnType<typeof parseCheckpoint> {
    try {
      return this.#read(file);
    } catch (cause) {
      const message = `Checkpoint ${file} cannot be read: ${describe(cause)}. Nothing was changed.`;
      throw new MemGPTError("storage_failed", message, { cause });
    }
  }

  /** Undefined for a file that is gone: whoever lists holds no lock, and the agent may write and remove meanwhile. */
  #readIfThere(file: string): ReturnType<typeof parseCheckpoint> | undefined {
    try {
      return this.#read(file);
    } catch {
      return undefined;
    }
  }
}

function tooNew(file: string, { format, program }: NewerFile): MemGPTError {
  return new MemGPTError(
    "storage_failed",
    `Checkpoint ${file} was written by ${program === undefined ? "a newer memgpt" : `memgpt ${program}`} ` +
      `(format ${format}); this is memgpt ${programVersion()}, which knows format ${CHECKPOINT_FORMAT}. ` +
      "Nothing was changed; update memgpt to open it.",
  );
}
