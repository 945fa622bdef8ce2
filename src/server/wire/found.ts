import * as z from "zod";

const line = z.object({
  id: z.string(),
  time: z.string(),
  /** Who said it; `archival` for a passage. */
  role: z.enum(["user", "assistant", "archival"]),
  speaker: z.string().optional(),
  /** Number of the session in which it was said. */
  session: z.number().optional(),
  source: z.string().optional(),
  /** Place in the source: document, page or line, heading. */
  citation: z.string().optional(),
  text: z.string(),
});

/** One page of results, best first. */
export const foundShape = z.object({
  total: z.number().int(),
  byMeaning: z.number().int().optional(),
  model: z.string().optional(),
  isLoose: z.boolean().optional(),
  page: z.number().int(),
  pages: z.number().int(),
  results: z
    .array(
      line
        .extend({
          score: z.number(),
          /** Ranges of the query's words in the text, as UTF-16 offsets. */
          matches: z.array(z.tuple([z.number(), z.number()]).readonly()).readonly(),
          signals: z.record(z.string(), z.number()).readonly(),
          around: z.array(line.readonly()).readonly().optional(),
        })
        .readonly(),
    )
    .readonly(),
  notices: z.array(z.string()).readonly().optional(),
});

/** A line of a block. `line` counts from 1. */
const coreLine = z.object({
  label: z.string(),
  line: z.number().int(),
  text: z.string(),
  score: z.number(),
  matches: z.array(z.tuple([z.number(), z.number()]).readonly()).readonly(),
});

/** The first results of each memory. */
export const foundAllShape = z.object({
  core: z.object({ total: z.number().int(), results: z.array(coreLine.readonly()).readonly() }),
  recall: foundShape,
  archival: foundShape,
  notices: z.array(z.string()).readonly().optional(),
});

/** A search. `from` and `to` are days in any form that people write. */
export const searchQuery = z.object({
  query: z.string().max(10_000),
  in: z.enum(["recall", "archival", "all"]).default("all"),
  role: z.enum(["user", "assistant"]).optional(),
  speaker: z.string().optional(),
  source: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  page: z.coerce.number().int().min(1).optional(),
  size: z.coerce.number().int().min(1).max(1000).optional(),
  around: z.coerce.number().int().min(0).max(100).optional(),
});
