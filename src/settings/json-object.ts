import { renameSync } from "node:fs";
import { describe } from "../errors.ts";

/**
 * The JSON object in a file's text.
 *
 * @throws Error with the place of the mistake, without quoting the text: it may contain a key.
 */
export function parseObject(text: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const where = /at position \d+( \(line \d+ column \d+\))?/.exec(describe(error))?.[0];
    throw new Error(where === undefined ? "it is not JSON" : `it is not JSON ${where}`);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
  throw new Error("it is not a JSON object");
}

/** Renames a damaged file. @returns what happened to it, without a full stop. */
export function setAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(":", "-")}`;
  try {
    renameSync(file, aside);
    return `It was renamed to ${aside}`;
  } catch (error) {
    return `It is still there: renaming it failed (${describe(error)})`;
  }
}
