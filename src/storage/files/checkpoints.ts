import { existsSync, readFileSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";
import { KEPT_CHECKPOINTS } from "../../schema/limits.ts";
import { CHECKPOINT_FORMAT, type CheckpointFile, type NewerFile } from "../../schema/checkpoint.ts";
import type { AgentState } from "../../schema/state.ts";
import type { CheckpointEntry } from "../../schema/timeline.ts";
import { programVersion } from "../../version.ts";
import { writeFileAside } from "./atomic.ts";
import { isCheckpointName, isKept, nextName, shownTimeOf, timeOf } from "./checkpoint-name.ts";
import { type Damaged, type ReadOptions, checkpointText, readCheckpointText } from "./checkpoint-text.ts";
import { makeFolder, namesIn } from "./folders.ts";
import { surplus } from "./retention.ts";

/** The state of an agent at one time. */
export type Checkpoint = { readonly file: string } & CheckpointFile;

/** The list entry of a readable checkpoint. @param listed The list that it is in. */
export function toEntry(
  { file, op, time, name, after }: Omit<Checkpoint, "state">,
  listed: readonly CheckpointEntry[],
): CheckpointEntry {
  const number = listed.find((entry) => entry.file === file)?.number ?? 1;
  return { number, file, op, time, name, kept: isKept(file), after, problem: null };
}

/** A checkpoint to write. `kept`: forever; only kept checkpoints may have a name. */
export type NewCheckpoint = {
  readonly op: number;
  readonly time: string;
  readonly name: string | null;
  readonly kept: boolean;
  readonly after?: string | null;
  readonly counts?: CheckpointFile["counts"];
  readonly state: AgentState;
};

/** A damaged checkpoint. */
export type Damage = { readonly file: string; readonly reason: string };

type Read = ReturnType<typeof readCheckpointText>;

/** The folder `agent_state/` of one agent: JSON files named by their time, so that their names sort by age. */
export class CheckpointFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Names of the files, oldest first. */
  files(): string[] {
    return namesIn(this.#folder).filter(isCheckpointName).sort();
  }

  /** Removes what a crash left half written. The folder must be locked: nobody else may be writing. */
  removeUnfinished(): void {
    for (const file of namesIn(this.#folder)) {
      if (/\.json\.\d+\.tmp$/.test(file)) this.#remove(file);
    }
  }

  /** Newest first. Checkpoints that cannot be loaded say why. */
  list(): CheckpointEntry[] {
    const found = this.files()
      .reverse()
      .flatMap((file) => {
        const read = this.#readIfThere(file);
        return read === undefined ? [] : [{ file, read }];
      });
    return found.map(({ file, read }, index) => {
      const time = new Date(timeOf(file)).toISOString();
      const unknown = { op: null, time, name: "name" in read ? read.name : null, after: null };
      const { op, name, after, ...rest } = "state" in read ? read : unknown;
      const place = { number: index + 1, file, op, time: rest.time, name, kept: isKept(file), after };
      return { ...place, problem: "state" in read ? null : problemOf(read) };
    });
  }

  /**
   * Writes a checkpoint, and removes automatic ones that are no longer worth keeping, except the `newest`.
   *
   * @returns the name of the file, which sorts after every other.
   */
  async write(
    { op, time, name, kept, after = null, counts, state }: NewCheckpoint,
    newest: number = KEPT_CHECKPOINTS,
  ): Promise<string> {
    makeFolder(this.#folder);
    const file = nextName(time, kept, this.files().at(-1));
    const text = checkpointText({ program: programVersion(), op, time, name, after, counts, state });
    await writeFileAside(join(this.#folder, file), text);
    // Asynchronously, because removing a file takes the disk a millisecond.
    const old = surplus(this.files(), time, newest).map((name) => join(this.#folder, name));
    await Promise.allSettled(old.map((path) => rm(path, { force: true })));
    return file;
  }

  /**
   * Removes automatic checkpoints that are no longer worth keeping, except the `newest`, at least one.
   *
   * @returns how many were removed. What cannot be removed stays until the next time.
   */
  prune(now: string, newest: number): number {
    return surplus(this.files(), now, newest).filter((file) => this.#remove(file)).length;
  }

  /**
   * Reads a checkpoint by the name of its file.
   *
   * @param options.edited Accepts a file that a person edited, ignoring its checksum.
   * @throws MemGPTError `storage_failed` if it cannot be read, is damaged, or a newer program wrote it.
   */
  read(file: string, options: { readonly edited?: boolean } = {}): Checkpoint {
    const read = this.#readOrThrow(file, options);
    if ("state" in read) return { file, ...read };
    if ("newer" in read) throw tooNew(file, read.newer);
    const hint = read.isEdited
      ? " If you changed it yourself, `memgpt restore NAME CHECKPOINT --edited` accepts it."
      : "";
    const message = `The checkpoint of ${shownTimeOf(file)} is damaged: ${read.damage}. Nothing was changed.${hint}`;
    throw new MemGPTError("storage_failed", message);
  }

  /**
   * The newest readable checkpoint, and the newer ones that are damaged, which stay where they are.
   *
   * @throws MemGPTError `storage_failed` if the newest was written by a newer program, or cannot be read at all.
   */
  newest(): { checkpoint: Checkpoint | undefined; damaged: Damage[] } {
    const damaged: Damage[] = [];
    for (const file of this.files().reverse()) {
      const read = this.#readOrThrow(file, { relying: true });
      if ("state" in read) return { checkpoint: { file, ...read }, damaged };
      if ("newer" in read) throw tooNew(file, read.newer);
      damaged.push({ file, reason: read.damage });
    }
    return { checkpoint: undefined, damaged };
  }

  #remove(file: string): boolean {
    try {
      rmSync(join(this.#folder, file), { force: true });
      return true;
    } catch {
      return false;
    }
  }

  #read(file: string, options: ReadOptions = {}): Read {
    return readCheckpointText(readFileSync(join(this.#folder, file), "utf8"), options);
  }

  #readOrThrow(file: string, options: ReadOptions = {}): Read {
    try {
      return this.#read(file, options);
    } catch (cause) {
      const message = `The checkpoint of ${shownTimeOf(file)} cannot be read: ${describe(cause)}. Nothing was changed.`;
      throw new MemGPTError("storage_failed", message, { cause });
    }
  }

  /** Undefined if the file no longer exists: listing holds no lock, and the agent may remove files meanwhile. */
  #readIfThere(file: string): Read | undefined {
    try {
      return this.#read(file);
    } catch (error) {
      const damage = `it cannot be read: ${describe(error)}`;
      return existsSync(join(this.#folder, file)) ? { damage, isEdited: false, name: null } : undefined;
    }
  }
}

function problemOf(read: Damaged | { readonly newer: NewerFile }): string {
  if ("damage" in read) return `damaged: ${read.damage}`;
  return `written by ${writerOf(read.newer)}`;
}

function writerOf({ format, program }: NewerFile): string {
  return `${program === undefined ? "a newer memgpt" : `memgpt ${program}`} (format ${format})`;
}

function tooNew(file: string, newer: NewerFile): MemGPTError {
  return new MemGPTError(
    "storage_failed",
    `The checkpoint of ${shownTimeOf(file)} was written by ${writerOf(newer)}; this is memgpt ${programVersion()}, which knows format ${CHECKPOINT_FORMAT}. ` +
      "Nothing was changed; update memgpt to open it.",
  );
}
