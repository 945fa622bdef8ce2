import { MemGPTError } from "../errors.ts";
import { parseJson } from "../memory/envelope.ts";
import type { ReindexTarget } from "../ports/maintenance.ts";
import { type Reindex, reindexSchema } from "../schema/collection.ts";
import { toUnit } from "./vectors/vector-index.ts";

// The stored state of an unfinished reindexing, in any database.

/** @param json Undefined if none was begun. @returns the unfinished reindexing; undefined, so that it starts over, if unreadable. */
export function readReindex(json: string | undefined): Reindex | undefined {
  return json === undefined ? undefined : reindexSchema().optional().catch(undefined).parse(parseJson(json));
}

/** A reindexing without vectors so far, as JSON. */
export function begunWith({ provider, endpoint, model, dimensions }: ReindexTarget): string {
  return JSON.stringify({ provider, endpoint, model, dimensions, found: null });
}

export function isSameTarget(one: ReindexTarget, other: ReindexTarget): boolean {
  return (["provider", "endpoint", "model", "dimensions"] as const).every((key) => one[key] === other[key]);
}

/** The vector if it is comparable with others of `found` dimensions, or of any if none was found; else null. */
export function usable(vector: Float32Array | null, found: number | null): Float32Array | null {
  if (vector === null) return null;
  try {
    toUnit(vector, found ?? vector.length);
    return vector;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

export function unfinished(): MemGPTError {
  return new MemGPTError("storage_failed", "Not every passage has been re-embedded. Nothing was changed.");
}
