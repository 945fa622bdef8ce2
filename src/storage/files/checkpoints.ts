import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { MemGPTError } from "../../errors.ts";
import { CHECKPOINT_FORMAT, type CheckpointFile, parseCheckpoint } from "../../schema/checkpoint.ts";
import type { AgentState } from "../../schema/state.ts";
import { writeFileAtomic } from "./atomic.ts";
import { nextName } from "./checkpoint-name.ts";
import { makeFolder } from "./folders.ts";
import { surplus } from "./retention.ts";

/** One agent at one time. */
export type Checkpoint = { readonly file: string } & CheckpointFile;

/** What `inspect` shows of a checkpoint. */
export type CheckpointInfo = { readonly file: string; readonly op: number; readonly time: string };

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
    return this.#names()
      .filter((file) => /^\d{4}-.*\.json$/.test(file))
      .sort();
  }

  /** Removes what a crash left half written. The folder must be locked: nobody else may be writing. */
  removeUnfinished(): void {
    for (const file of this.#names()) {
      if (/\.json\.\d+\.tmp$/.test(file)) rmSync(join(this.#folder, file), { force: true });
    }
  }

  /** Oldest first. Damaged files are left out. */
  list(): CheckpointInfo[] {
    return this.files().flatMap((file) => {
      const read = this.#read(file);
      return "state" in read ? [{ file, op: read.op, time: read.time }] : [];
    });
  }

  /** The name that a checkpoint written now would get. It sorts after every other. */
  nextFile(time: string): string {
    return nextName(time, this.files().at(-1));
  }

  /**
   * Writes a checkpoint and removes those that are no longer worth keeping.
   *
   * @returns the name of the file.
   */
  write(
    checkpoint: { op: number; time: string; name: string | null; state: AgentState },
    file = this.nextFile(checkpoint.time),
  ): string {
    makeFolder(this.#folder);
    const files = this.files();
    writeFileAtomic(
      join(this.#folder, file),
      `${JSON.stringify({ format: CHECKPOINT_FORMAT, ...checkpoint }, null, 1)}\n`,
    );
    for (const old of surplus(files, checkpoint.time)) rmSync(join(this.#folder, old), { force: true });
    return file;
  }

  /**
   * The newest checkpoint that can be read. Damaged files newer than it are set aside under another name, never
   * overwritten.
   *
   * @throws MemGPTError `storage_failed` if the newest was written by a newer program.
   */
  newest(): { checkpoint: Checkpoint | undefined; damaged: Damage[] } {
    const damaged: Damage[] = [];
    for (const file of this.files().reverse()) {
      const read = this.#read(file);
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
}

function tooNew(file: string, format: number): MemGPTError {
  return new MemGPTError(
    "storage_failed",
    `Checkpoint ${file} was written by a newer memgpt (format ${format}, this one knows ` +
      `${CHECKPOINT_FORMAT}). Nothing was changed; update memgpt to open it.`,
  );
}
