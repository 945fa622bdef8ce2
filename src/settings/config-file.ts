import { existsSync, readFileSync, realpathSync } from "node:fs";
import { type ConfigKey, configSchema, parseObject, problemWith } from "./config.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { Home } from "../storage/files/paths.ts";
import { writeFileAtomic } from "../storage/files/atomic.ts";
import { makeFolder } from "../storage/files/folders.ts";

/** New values by their keys. Null or undefined: the key leaves the file. */
export type ConfigChanges = Readonly<Partial<Record<ConfigKey, unknown>>>;

/**
 * Changes keys of `config.json` and keeps the others, those that nobody knows included.
 *
 * @throws MemGPTError `config_invalid` if a value cannot be used or the file is damaged, `storage_failed`. The file is then
 *   as it was.
 */
export function updateConfig(home: Home, changes: ConfigChanges): void {
  const file = home.configFile;
  for (const [key, value] of Object.entries(changes)) {
    const problem = value === undefined || value === null ? undefined : problemWith(key, value);
    if (problem !== undefined) throw new MemGPTError("config_invalid", `${key}: ${problem}. Nothing was changed.`);
  }
  const content = readContent(file);
  const next = new Map(Object.entries(content));
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === null) next.delete(key);
    else next.set(key, value);
  }
  try {
    makeFolder(home.root);
    // A link stays one: some people keep such files elsewhere.
    const target = existsSync(file) ? realpathSync(file) : file;
    writeFileAtomic(target, `${JSON.stringify(Object.fromEntries(next), null, 2)}\n`);
  } catch (cause) {
    throw new MemGPTError("storage_failed", `Cannot write ${file} (${describe(cause)}). Nothing was changed.`, {
      cause,
    });
  }
}

/**
 * The value that `text` stands for as the setting `key`: the text itself where the setting takes one, else what it is as JSON.
 *
 * @throws MemGPTError `invalid_input`, saying what is wrong with it.
 */
export function parseSetting(key: string, text: string): unknown {
  const field = Object.entries(configSchema.shape).find(([name]) => name === key)?.[1];
  const candidates = [text, ...json(text)];
  const value = candidates.find((candidate) => field?.safeParse(candidate).success === true);
  if (value !== undefined) return value;
  const problem = problemWith(key, candidates.at(-1));
  throw new MemGPTError("invalid_input", `${key}: ${problem ?? "it cannot be used"}. Nothing was changed.`);
}

function json(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

function readContent(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  try {
    return parseObject(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new MemGPTError("config_invalid", `${file} cannot be read (${describe(cause)}). Nothing was changed.`, {
      cause,
    });
  }
}
