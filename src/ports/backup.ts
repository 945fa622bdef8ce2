import type { BackupAgent } from "../schema/backup.ts";

export type BackupOptions = {
  /** Replaces an existing file (default: false). */
  readonly force?: boolean | undefined;
  /** Stops the backup; nothing is written then. */
  readonly signal?: AbortSignal | undefined;
};

export type RestoreBackupOptions = {
  /** Only checks every byte; nothing is restored. */
  readonly verify?: boolean | undefined;
  /** New name of the restored agent, if the backup holds only one; it then gets a new id. */
  readonly as?: string | undefined;
  /** Replaces existing agents (default: false). */
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
  /** Under the names that they were restored with. */
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
