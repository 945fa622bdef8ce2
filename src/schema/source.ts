import * as z from "zod";
import type { EmbeddedPassage } from "./passage.ts";
import type { EmbeddingSettings } from "./state.ts";

/** Where a passage is from. Pages and lines count from 1, `position` says which passage of its document it is, from 1. */
export const originSchema = z.object({
  source: z.string(),
  document: z.string(),
  position: z.number().int().positive(),
  page: z.number().int().positive().nullable(),
  line: z.number().int().positive().nullable(),
  heading: z.string().nullable(),
});
export type PassageOrigin = Readonly<z.infer<typeof originSchema>>;

/** What a source is, as it was when it was made. */
export type SourceSettings = {
  readonly description: string;
  readonly createdAt: string;
  readonly embedding: EmbeddingSettings;
};

/** A document that was loaded, by what it was loaded from (`root`) and its name there. */
export type SourceDocument = {
  readonly root: string;
  readonly name: string;
  readonly kind: string;
  /** SHA-256 of its bytes. */
  readonly hash: string;
  readonly bytes: number;
};

/** A document as a source has it. It is not complete while its passages are still being added. */
export type StoredDocument = SourceDocument & {
  readonly passages: number;
  readonly isComplete: boolean;
  readonly loadedAt: string;
};

export type SourcePassage = EmbeddedPassage & Omit<PassageOrigin, "source" | "document">;

/** Passages of a document, in their order; the last ones make it complete. */
export type DocumentPart = {
  readonly document: SourceDocument;
  readonly passages: readonly SourcePassage[];
  readonly isLast: boolean;
};
