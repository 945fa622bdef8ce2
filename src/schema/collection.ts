import * as z from "zod";

/**
 * Which model made the vectors of a collection, and how many numbers each has. `generation` is another whenever all of them
 * were made anew, also by the same model: what was derived from the old ones is then worth nothing.
 */
export const collectionSchema = z.object({
  model: z.string(),
  dimensions: z.number().int().positive(),
  generation: z.number().int().nonnegative(),
});
export type Collection = Readonly<z.infer<typeof collectionSchema>>;

/** What has been embedded anew and is not in use yet: by which model and where, with vectors of which length as far as known. */
export const reindexSchema = z.object({
  provider: z.string(),
  endpoint: z.string().nullable(),
  model: z.string(),
  /** As asked for; null for as many as the model gives. */
  dimensions: z.number().int().positive().nullable(),
  /** As the model gave them. */
  found: z.number().int().positive().nullable(),
});
export type Reindex = Readonly<z.infer<typeof reindexSchema>>;
