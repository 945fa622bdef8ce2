import * as z from "zod";
import { agentStateSchema } from "./state.ts";

/**
 * Version of the file's form, raised when an older program could not read it. Files of every version up to it load: what
 * was added since is optional or has a default.
 */
export const CHECKPOINT_FORMAT = 2;

/** It is only shown, so a file is not damaged for what is no version. */
const programSchema = z
  .string()
  .regex(/^[\w.+-]{1,40}$/)
  .optional()
  .catch(undefined);

/** A checkpoint file. `op` is the operation of the journal it was written after. */
const checkpointFileSchema = z.object({
  format: z.number().int().min(1).max(CHECKPOINT_FORMAT),
  /** Version of the program that wrote it. Older files have none. */
  program: programSchema,
  op: z.number().int().nonnegative(),
  time: z.string(),
  /** What a person called it. */
  name: z.string().nullable(),
  /** The turn or command that led to it, as a person calls it. Older files have none. */
  after: z.string().nullable().default(null),
  /** How much the agent remembered: messages and passages that were not taken back. Older files do not say. */
  counts: z.object({ messages: z.number().int(), passages: z.number().int() }).optional().catch(undefined),
  state: agentStateSchema,
});
export type CheckpointFile = z.infer<typeof checkpointFileSchema>;

/** All that is known of a file from a newer program. */
export type NewerFile = { readonly format: number; readonly program?: string | undefined };

const formatSchema = z.looseObject({ format: z.number(), program: programSchema });

/** The checkpoint in `json`, or what keeps it from being read: damage, or that a newer program wrote it. */
export function parseCheckpoint(
  json: unknown,
): CheckpointFile | { readonly newer: NewerFile } | { readonly damage: string } {
  const head = formatSchema.safeParse(json).data;
  if (head !== undefined && head.format > CHECKPOINT_FORMAT) {
    return { newer: { format: head.format, program: head.program } };
  }
  const parsed = checkpointFileSchema.safeParse(json);
  return parsed.success ? parsed.data : { damage: z.prettifyError(parsed.error).split("\n")[0] ?? "incomplete" };
}
