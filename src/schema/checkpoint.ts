import * as z from "zod";
import { once } from "./once.ts";
import { agentStateSchema } from "./state.ts";

/**
 * Version of the file format, raised when older programs cannot read it. Files of every earlier version load: fields added
 * since are optional or have a default.
 */
export const CHECKPOINT_FORMAT = 2;

/** It is only shown, so an unreadable version does not make a file damaged. */
const programSchema = once(() =>
  z
    .string()
    .regex(/^[\w.+-]{1,40}$/)
    .optional()
    .catch(undefined),
);

/** A checkpoint file, written after operation `op` of the journal. */
const checkpointFileSchema = once(() =>
  z.object({
    format: z.number().int().min(1).max(CHECKPOINT_FORMAT),
    /** Version of the program that wrote it. Absent in older files. */
    program: programSchema(),
    op: z.number().int().nonnegative(),
    time: z.string(),
    /** The name that a person gave it. */
    name: z.string().nullable(),
    /** The turn or command before it, as people see it. Null in older files. */
    after: z.string().nullable().default(null),
    /** Messages and passages that the agent remembered then. Absent in older files. */
    counts: z.object({ messages: z.number().int(), passages: z.number().int() }).optional().catch(undefined),
    state: agentStateSchema(),
  }),
);
export type CheckpointFile = z.infer<ReturnType<typeof checkpointFileSchema>>;

/** All that is known of a file from a newer program. */
export type NewerFile = { readonly format: number; readonly program?: string | undefined };

const formatSchema = once(() => z.looseObject({ format: z.number(), program: programSchema() }));

/** The checkpoint in `json`, or why it cannot be read: it is damaged, or a newer program wrote it. */
export function parseCheckpoint(
  json: unknown,
): CheckpointFile | { readonly newer: NewerFile } | { readonly damage: string } {
  const head = formatSchema().safeParse(json).data;
  if (head !== undefined && head.format > CHECKPOINT_FORMAT) {
    return { newer: { format: head.format, program: head.program } };
  }
  const parsed = checkpointFileSchema().safeParse(json);
  return parsed.success ? parsed.data : { damage: z.prettifyError(parsed.error).split("\n")[0] ?? "incomplete" };
}
