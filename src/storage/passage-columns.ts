import type { Passage } from "../schema/passage.ts";

/** The columns of a passage in both databases. */
export const PASSAGE = "id, text, created_at, origin";

export type StoredPassage = {
  readonly id: string;
  readonly text: string;
  readonly created_at: string;
  readonly origin: string | null;
};

export function passageOf({ id, text, created_at: createdAt, origin }: StoredPassage): Passage {
  return { id, text, createdAt, ...(origin === null ? {} : { origin }) };
}
