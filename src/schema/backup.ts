import * as z from "zod";

/** Version of the backup format, raised when older programs cannot read it. */
export const BACKUP_FORMAT = 1;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

const memberSchema = z.object({
  /** Path within the agent's folder. */
  path: z.string(),
  /** Name of its compressed copy in the backup. */
  member: z.string().regex(/^[\w./-]{1,99}$/),
  /** Size of the compressed member, and of the file, in bytes. */
  size: count,
  bytes: count,
  /** Of the compressed member. */
  sha256,
});

const agentSchema = z.object({
  name: z.string(),
  /** Messages and passages, without those that were undone. */
  messages: count,
  passages: count,
  checkpoints: count,
  members: z.array(memberSchema),
});

const manifestSchema = z.object({
  format: z.literal(BACKUP_FORMAT),
  /** Version of the program that wrote it. */
  program: z.string().max(40),
  /** ISO 8601 in UTC. */
  at: z.string(),
  agents: z.array(agentSchema),
});

/** The backups that were written from one home, so that a forgetting can name those that still hold what is forgotten. */
export const knownBackupsSchema = z.array(z.object({ file: z.string(), at: z.string() }));
export type KnownBackup = z.infer<typeof knownBackupsSchema>[number];

export type BackupMember = z.infer<typeof memberSchema>;
export type BackupAgent = z.infer<typeof agentSchema>;
export type BackupManifest = z.infer<typeof manifestSchema>;

/** The manifest in `json`; undefined if it is not a manifest. `newer`: the format of a newer program. */
export function parseManifest(json: unknown): BackupManifest | { readonly newer: number } | undefined {
  const format = z.looseObject({ format: z.number() }).safeParse(json).data?.format;
  if (format !== undefined && format > BACKUP_FORMAT) return { newer: format };
  return manifestSchema.safeParse(json).data;
}
