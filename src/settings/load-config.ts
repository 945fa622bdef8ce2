import { chmodSync, readFileSync } from "node:fs";
import { describe, didYouMean } from "../errors.ts";
import { hasPassword } from "../llm/endpoint.ts";
import { isOpenToOthers } from "../storage/files/folders.ts";
import type { Home } from "../storage/files/paths.ts";
import { type Config, ENVIRONMENT, configSchema } from "./config.ts";
import { parseObject, setAside } from "./json-object.ts";
import { valueProblem } from "./value-problem.ts";

/** The source of a value. */
export type Origin =
  { readonly from: "default" | "file" } | { readonly from: "environment"; readonly variable: string };

/** The configuration, the source of each value, and problems with the sources, as people read them. */
export type LoadedConfig = {
  readonly config: Config;
  readonly origins: Readonly<Record<string, Origin>>;
  readonly notices: readonly string[];
};

/**
 * Reads the configuration. Never fails: an invalid value gets a notice and its default; a file that is not JSON is renamed, so
 * that nothing overwrites it; an unreadable file is left alone.
 */
export function loadConfig(home: Home, env: NodeJS.ProcessEnv): LoadedConfig {
  const notices: string[] = [];
  const fromFile = readFile(home.configFile, notices);
  const values = new Map<string, unknown>();
  const origins: Record<string, Origin> = {};
  const accept = (key: string, value: unknown, origin: Origin, source: string): void => {
    const problem = problemWith(key, value);
    if (problem === undefined) {
      values.set(key, value);
      origins[key] = origin;
    } else notices.push(`${source} is ignored: ${problem}.`);
  };
  for (const key of CONFIG_KEYS) origins[key] = { from: "default" };
  for (const [key, value] of Object.entries(fromFile)) {
    accept(key, value, { from: "file" }, `${key} in ${home.configFile}`);
  }
  const database = values.get("database");
  if (typeof database === "string" && hasPassword(database)) notices.push(...restrictAccess(home.configFile));
  if (values.get("openai_api_key") !== undefined && values.get("openai_api_key") !== null) {
    notices.push(...restrictAccess(home.configFile));
    notices.push(
      `openai_api_key in ${home.configFile} works, but belongs in credentials.json: \`memgpt configure\` moves it there.`,
    );
  }
  for (const [variable, key] of Object.entries(ENVIRONMENT)) {
    const value = env[variable];
    if (value !== undefined && value !== "") accept(key, value, { from: "environment", variable }, variable);
  }
  return { config: configSchema.parse(Object.fromEntries(values)), origins, notices };
}

/** Removes the access of other users to a file with a key in it. @returns what a person must know about it. */
function restrictAccess(file: string): string[] {
  try {
    if (!isOpenToOthers(file)) return [];
    chmodSync(file, 0o600);
    return [
      `${file} holds a key or password and other users could read it; now only you can (chmod 600). ` +
        "If other people use this machine, replace it.",
    ];
  } catch (error) {
    return [
      `${file} holds a key or password and other users can read it; its mode could not be changed (${describe(error)}). ` +
        `Run \`chmod 600 ${file}\`; \`memgpt configure set openai_api_key -\` moves a key elsewhere.`,
    ];
  }
}

const CONFIG_KEYS = Object.keys(configSchema.shape);

/** What is wrong with `value` as the setting `key`, without a full stop; undefined if it is valid. */
export function problemWith(key: string, value: unknown): string | undefined {
  const field = Object.entries(configSchema.shape).find(([name]) => name === key)?.[1];
  if (field === undefined) return `no such setting.${didYouMean(key, CONFIG_KEYS)}`.replace(/[.?]$/, "");
  const parsed = field.safeParse(value);
  return parsed.success ? undefined : valueProblem(parsed.error.issues[0], value);
}

function readFile(file: string, notices: string[]): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    // ENOTDIR: the home directory is a file; the first write reports that.
    const missing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (!missing) notices.push(`${file} cannot be read (${describe(error)}); using the defaults.`);
    return {};
  }
  try {
    return parseObject(text);
  } catch (error) {
    notices.push(`${file} is damaged (${describe(error)}). ${setAside(file)}; using the defaults.`);
    return {};
  }
}
