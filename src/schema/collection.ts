import * as z from "zod";
import { once } from "./once.ts";

/**
 * The model that made the vectors of a collection, and their length. `generation` changes whenever all of them are remade,
 * even by the same model: whatever was derived from the old ones is then stale.
 */
export const collectionSchema = once(() =>
  z.object({
    model: z.string(),
    dimensions: z.number().int().positive(),
    generation: z.number().int().nonnegative(),
  }),
);
export type Collection = Readonly<z.infer<ReturnType<typeof collectionSchema>>>;

/** A reindexing that is not in use yet: the model, its server, and the length of its vectors where known. */
export const reindexSchema = once(() =>
  z.object({
    provider: z.string(),
    endpoint: z.string().nullable(),
    model: z.string(),
    /** As requested; null for the model's own. */
    dimensions: z.number().int().positive().nullable(),
    /** As the model returned them. */
    found: z.number().int().positive().nullable(),
  }),
);
export type Reindex = Readonly<z.infer<ReturnType<typeof reindexSchema>>>;
