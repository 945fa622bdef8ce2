import { isDeeperThan } from "../depth.ts";

/** What a server sends is believed only as far as it has been looked at. */
export type Json = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member `name` of whatever `value` is. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Nothing that a server means to say is nested deeper. */
const MOST_DEPTH = 1000;

/** @returns undefined if it is no JSON, or nested beyond all reason. */
export function parsed(json: string): unknown {
  if (isDeeperThan(json, MOST_DEPTH)) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}
