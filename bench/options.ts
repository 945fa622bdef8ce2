import { parseArgs } from "node:util";
import { UsageError } from "./figures.ts";

/** Runs `read`. @throws UsageError with the message of what it throws, and the usage. */
export function withUsage<T>(usage: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

/**
 * Reads a benchmark's options: whole numbers above 0 with their defaults, and texts.
 *
 * @throws UsageError for any other option or value.
 */
export function readOptions<Name extends string, Text extends string = never>(
  args: readonly string[],
  usage: string,
  numbers: Readonly<Record<Name, number>>,
  texts: readonly Text[] = [],
): Record<Name, number> & Partial<Record<Text, string>> {
  return withUsage(usage, () => {
    const names = [...Object.keys(numbers), ...texts];
    const options = Object.fromEntries(names.map((name) => [name, { type: "string" } as const]));
    const { values } = parseArgs({ args: [...args], options });
    const given = Object.entries(values).map(([name, value = ""]) => [
      name,
      name in numbers ? count(value, name) : value,
    ]);
    return { ...numbers, ...Object.fromEntries(given) } as Record<Name, number> & Partial<Record<Text, string>>;
  });
}

/** A whole number above 0. @throws UsageError for anything else. */
export function count(text: string, option: string): number {
  if (/^\d+$/.test(text) && Number(text) > 0) return Number(text);
  throw new UsageError(`--${option} must be a whole number above 0 (got ${text})`);
}

/** The numbers of a comma-separated list. @throws UsageError for anything else. */
export function counts(list: string, option: string): number[] {
  return list.split(",").map((text) => count(text, option));
}

/** A seed for a run that names none. */
export function randomSeed(): number {
  return (Date.now() % 1_000_000) + 1;
}
