import { z } from "zod";
import { agentStateSchema } from "./state.ts";

/** Version of the file's form, raised when an older program could not read it. */
export const CHECKPOINT_FORMAT = 1;

/** A checkpoint file. `op` is the operation of the journal it was written after. */
const checkpointFileSchema = z.object({
  format: z.literal(CHECKPOINT_FORMAT),
  op: z.number().int().nonnegative(),
  time: z.string(),
  name: z.string().nullable(),
  state: agentStateSchema,
});
export type CheckpointFile = z.infer<typeof checkpointFileSchema>;

const formatSchema = z.looseObject({ format: z.number() });

/** The checkpoint in `text`, or what keeps it from being read: `newer` is the format of a file from a newer program. */
export function parseCheckpoint(
  text: string,
): CheckpointFile | { readonly newer: number } | { readonly damage: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { damage: error instanceof Error ? error.message : "not JSON" };
  }
  const format = formatSchema.safeParse(json).data?.format;
  if (format !== undefined && format > CHECKPOINT_FORMAT) return { newer: format };
  const parsed = checkpointFileSchema.safeParse(json);
  return parsed.success ? parsed.data : { damage: z.prettifyError(parsed.error).split("\n")[0] ?? "incomplete" };
}
