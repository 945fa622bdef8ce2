import { existsSync, readFileSync, realpathSync } from "node:fs";
import { type ConfigKey, settingNamed } from "./config.ts";
import { parseObject } from "./json-object.ts";
import { problemWith } from "./load-config.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { Home } from "../storage/files/paths.ts";
import { UnconfirmedError, writeFileAtomic } from "../storage/files/atomic.ts";
import { exclusively } from "../storage/files/exclusive.ts";

/** New values by key. Null or undefined removes the key from the file. */
export type ConfigChanges = Readonly<Partial<Record<ConfigKey, unknown>>>;

/**
 * Changes keys of `config.json`. All others stay, including unknown ones and concurrent changes by other processes.
 *
 * @throws MemGPTError `config_invalid` if a value is not valid or the file is damaged, `storage_failed`. The file is then
 *   unchanged.
 */
export function updateConfig(home: Home, changes: ConfigChanges): void {
  const file = home.configFile;
  for (const [key, value] of Object.entries(changes)) {
    const problem = value === undefined || value === null ? undefined : problemWith(key, value);
    if (problem !== undefined) throw new MemGPTError("config_invalid", `${key}: ${problem}. Nothing was changed.`);
  }
  try {
    exclusively(file, () => {
      writeChanged(file, changes);
    });
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    if (cause instanceof UnconfirmedError) {
      const message = `${file} was written, but ${cause.message}.`;
      throw new MemGPTError("storage_failed", message, { cause, kept: "all" });
    }
    const message = `Cannot write ${file} (${describe(cause)}). Nothing was changed.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
}

function writeChanged(file: string, changes: ConfigChanges): void {
  const next = new Map(Object.entries(readContent(file)));
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined || value === null) next.delete(key);
    else next.set(key, value);
  }
  // Write through a symbolic link: some people keep such files elsewhere.
  const target = existsSync(file) ? realpathSync(file) : file;
  writeFileAtomic(target, `${JSON.stringify(Object.fromEntries(next), null, 2)}\n`);
}

/**
 * Parses `text` as a value of the setting `key`: the text itself if the setting accepts it, else its value as JSON, else a
 * list of this text alone.
 *
 * @throws MemGPTError `invalid_input`, with what is wrong.
 */
export function parseSetting(key: string, text: string): unknown {
  const setting = settingNamed(key);
  const candidates = [text, ...json(text)];
  // "[/srv" is a mistyped list.
  const alone = /^[[{]/.test(text) ? [] : [[text]];
  const value = [...candidates, ...alone].find((candidate) => setting?.safeParse(candidate).success === true);
  if (value !== undefined) return value;
  const problem = problemWith(key, candidates.at(-1));
  throw new MemGPTError("invalid_input", `${key}: ${problem ?? "it is not valid"}. Nothing was changed.`);
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
