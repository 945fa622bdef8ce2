import * as z from "zod";
import { once } from "./once.ts";

/** One line of a file of records: without a value, it removes. */
export const recordLineSchema = once(() =>
  z.object({ kind: z.string(), id: z.string(), value: z.unknown().optional() }),
);
export type RecordLine = z.infer<ReturnType<typeof recordLineSchema>>;
