import type { BackupAgent } from "../schema/backup.ts";

export type BackupOptions = {
  /** Replaces an existing file; false if absent. */
  readonly force?: boolean | undefined;
  /** Stops it; nothing is then written. */
  readonly signal?: AbortSignal | undefined;
};

export type RestoreBackupOptions = {
  /** Only checks every byte; nothing is restored. */
  readonly verify?: boolean | undefined;
  /** Name of the restored agent, if the backup holds only one; it is then another agent, with an id of its own. */
  readonly as?: string | undefined;
  /** Replaces existing agents; false if absent. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** An agent in a backup, and how much it remembers. */
export type BackedUpAgent = Pick<BackupAgent, "name" | "messages" | "passages" | "checkpoints">;

export type BackupReport = {
  readonly agents: readonly BackedUpAgent[];
  /** Size of the file. */
  readonly bytes: number;
};

export type RestoreReport = {
  /** When the backup was made, ISO 8601 in UTC. */
  readonly at: string;
  /** By the names that they are restored under. */
  readonly agents: readonly BackedUpAgent[];
  /** What was found when they were opened, for a person to read. */
  readonly notices: readonly string[];
};

/** Writes agents into one file, and restores them from it. */
export interface Backups {
  /** @throws as `MemGPT.backup` does. */
  write(names: readonly string[], file: string, options: BackupOptions): Promise<BackupReport>;
  /** @throws as `MemGPT.restoreBackup` does. */
  restore(file: string, options: RestoreBackupOptions): Promise<RestoreReport>;
}
