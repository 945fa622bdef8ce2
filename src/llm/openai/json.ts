import { isDeeperThan } from "../depth.ts";

/** An object from a server, whose members are checked where they are used. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member `name` of `value`; undefined if `value` is not an object. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** No sensible answer is nested deeper. */
const MOST_DEPTH = 1000;

/** @returns undefined if it is not JSON, or is nested too deep. */
export function parsed(json: string): unknown {
  if (isDeeperThan(json, MOST_DEPTH)) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
