import { hash } from "node:crypto";
import type { TimeRange } from "../schema/page.ts";
import { gistOf } from "../search/recall/traits.ts";

// How values are stored, the same in every database.

/** A pause of this many milliseconds begins a new session. */
export const SESSION_GAP_MS = 3_600_000;

/** A range that includes every time, for searches without one. */
export const ALWAYS = { from: "", to: "~" };

/** Rows in memory at a time when all are read. */
export const AT_A_TIME = 500;

/** A time in the stored form: ISO 8601 with milliseconds. */
export function storedTime(time: string): string {
  const milliseconds = Date.parse(time);
  return Number.isNaN(milliseconds) ? time : new Date(milliseconds).toISOString();
}

/** A range in stored form, without undefined ends. */
export function withoutUndefined(range: TimeRange): { from?: string; to?: string } {
  return {
    ...(range.from === undefined ? {} : { from: storedTime(range.from) }),
    ...(range.to === undefined ? {} : { to: storedTime(range.to) }),
  };
}

/** A hash, of 48 bits, of what a line says. */
export function gistNumber(text: string): number {
  return hash("sha256", gistOf(text), "buffer").readUIntBE(0, 6);
}

/** The direction of a vector with one byte per component: cosines differ by less than 0.005. */
export function inBytes(vector: Float32Array): Buffer {
  const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bytes = Int8Array.from(vector, (value) => Math.round((127 * value) / (largest || 1)));
  return Buffer.from(bytes.buffer);
}

export function fromBytes({ buffer, byteOffset, byteLength }: Uint8Array): Int8Array {
  return new Int8Array(buffer, byteOffset, byteLength);
}

/** The vector that `toBlob` stored. Copies the bytes, because a driver's buffer may be unaligned. */
export function vectorIn(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** A vector in stored form. */
export function toBlob(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}
