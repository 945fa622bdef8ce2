import * as z from "zod";
import { once } from "./once.ts";
import type { EmbeddedPassage } from "./passage.ts";
import type { EmbeddingSettings } from "./state.ts";

/** Where a passage is from. Pages and lines count from 1, `position` says which passage of its document it is, from 1. */
export const originSchema = once(() =>
  z.object({
    source: z.string(),
    document: z.string(),
    position: z.number().int().positive(),
    page: z.number().int().positive().nullable(),
    line: z.number().int().positive().nullable(),
    heading: z.string().nullable(),
  }),
);
export type PassageOrigin = Readonly<z.infer<ReturnType<typeof originSchema>>>;

/** The settings of a source, fixed at its creation. */
export type SourceSettings = {
  readonly description: string;
  readonly createdAt: string;
  readonly embedding: EmbeddingSettings;
};

/** A loaded document: where it was loaded from (`root`), and its name there. */
export type SourceDocument = {
  readonly root: string;
  readonly name: string;
  readonly kind: string;
  /** SHA-256 of its bytes. */
  readonly hash: string;
  readonly bytes: number;
};

/** A document in a source. It is incomplete while passages are still being added. */
export type StoredDocument = SourceDocument & {
  readonly passages: number;
  readonly isComplete: boolean;
  readonly loadedAt: string;
};

export type SourcePassage = EmbeddedPassage & Omit<PassageOrigin, "source" | "document">;

/** Passages of a document, in order; the last part completes it. */
export type DocumentPart = {
  readonly document: SourceDocument;
  readonly passages: readonly SourcePassage[];
  readonly isLast: boolean;
};
