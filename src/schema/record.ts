import * as z from "zod";

/** One line of a file of records: without a value, it removes. */
export const recordLineSchema = z.object({ kind: z.string(), id: z.string(), value: z.unknown().optional() });
