import { createHash } from "node:crypto";
import type { TimeRange } from "../schema/page.ts";
import { gistOf } from "../search/recall/traits.ts";

// How values are stored, the same in every database.

/** A pause this long, in milliseconds, begins another session. */
export const SESSION_GAP_MS = 3_600_000;

/** Before and after every time there is: the range of someone who asked for none. */
export const ALWAYS = { from: "", to: "~" };

/** Rows that are in memory at a time where all are gone through. */
export const AT_A_TIME = 500;

/** A time in ISO 8601 as all times are stored, with milliseconds. */
export function storedTime(time: string): string {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? time : new Date(milliseconds).toISOString();
}

/** A range as times are stored, without the ends that were given as undefined. */
export function withoutUndefined(range: TimeRange): { from?: string; to?: string } {
  return {
    ...(range.from === undefined ? {} : { from: storedTime(range.from) }),
    ...(range.to === undefined ? {} : { to: storedTime(range.to) }),
  };
}

/** What a line says as 48 bits: lines with the same say the same. */
export function gistNumber(text: string): number {
  return createHash("sha256").update(gistOf(text)).digest().readUIntBE(0, 6);
}

/** The direction of a vector, each number as one byte: cosines differ by less than 0.005. */
export function inBytes(vector: Float32Array): Buffer {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bytes = Int8Array.from(vector, (value) => Math.round((127 * value) / (largest || 1)));
  return Buffer.from(bytes.buffer);
}

export function fromBytes({ buffer, byteOffset, byteLength }: Uint8Array): Int8Array {
  return new Int8Array(buffer, byteOffset, byteLength);
}

/** The numbers of a vector as they are stored. */
export function toBlob(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
