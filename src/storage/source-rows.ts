import type { DocumentPart, StoredDocument } from "../schema/source.ts";
import { vectorIn } from "./stored-values.ts";

// The rows of a source in both databases.

export type DocumentRow = {
  readonly id: number;
  readonly root: string;
  readonly name: string;
  readonly kind: string;
  readonly hash: string;
  readonly bytes: number;
  readonly passages: number;
  readonly complete: boolean;
  readonly loaded_at: string;
};

export function documentOf({ id: _, complete: isComplete, loaded_at: loadedAt, ...row }: DocumentRow): StoredDocument {
  return { ...row, isComplete, loadedAt };
}

export type StoredSourcePassage = {
  readonly seq: number;
  readonly id: string;
  readonly created_at: string;
  readonly text: string;
  readonly embedding: Uint8Array | null;
  readonly position: number;
  readonly page: number | null;
  readonly line: number | null;
  readonly heading: string | null;
};

/** Passages per part. */
export const PARTS_OF = 128;

/**
 * A document with its passages, `PARTS_OF` at a time.
 *
 * @param after Reads the passages after this number. @param model The model of the vectors.
 */
export async function* partsOf(
  { root, name, kind, hash, bytes, complete }: DocumentRow,
  after: (seq: number) => Promise<readonly StoredSourcePassage[]>,
  model: string,
): AsyncGenerator<DocumentPart, void, void> {
  const document = { root, name, kind, hash, bytes };
  let rows = await after(0);
  for (;;) {
    const last = rows.at(-1);
    const next = last === undefined ? [] : await after(last.seq);
    const isLast = complete && next.length === 0;
    const passages = rows.map(({ seq: _, created_at: createdAt, embedding, ...row }) => ({
      ...row,
      createdAt,
      embedding: embedding === null ? null : { model, vector: vectorIn(embedding) },
    }));
    if (rows.length > 0 || isLast) yield { document, passages, isLast };
    if (next.length === 0) return;
    rows = next;
  }
}
