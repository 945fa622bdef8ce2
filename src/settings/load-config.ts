import { chmodSync, readFileSync } from "node:fs";
import { describe, didYouMean } from "../errors.ts";
import { hasPassword } from "../llm/endpoint.ts";
import { isOpenToOthers } from "../storage/files/folders.ts";
import type { Home } from "../storage/files/paths.ts";
import { type Config, type ConfigKey, SETTINGS, defaultConfig, settingNamed } from "./config.ts";
import { parseObject, setAside } from "./json-object.ts";
import { valueProblem } from "./value-problem.ts";

/** The environment variables that are read, and the setting of each. Variables with a provider's key are in providers.ts. */
export const ENVIRONMENT = {
  OPENAI_API_KEY: "openai_api_key",
  MEMGPT_DATABASE: "database",
  MEMGPT_MODEL: "model",
  MEMGPT_MODEL_ENDPOINT: "model_endpoint",
  MEMGPT_EMBEDDING: "embedding",
  MEMGPT_EMBEDDING_MODEL: "embedding_model",
  MEMGPT_EMBEDDING_ENDPOINT: "embedding_endpoint",
} as const satisfies Record<string, ConfigKey>;

/** The source of a value. */
export type Origin =
  { readonly from: "default" | "file" } | { readonly from: "environment"; readonly variable: string };

/** The configuration, the source of each value, and notices about problems with the sources. */
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
    const checked = check(key, value);
    if ("problem" in checked) {
      notices.push(`${source} is ignored: ${checked.problem}.`);
      return;
    }
    values.set(key, checked.value);
    origins[key] = origin;
  };
  for (const key of SETTINGS) origins[key] = { from: "default" };
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
  return { config: { ...defaultConfig(), ...Object.fromEntries(values) }, origins, notices };
}

/** Removes other users' access to a file with a key in it. @returns notices. */
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

/** What is wrong with `value` as the setting `key`, without a full stop; undefined if it is valid. */
export function problemWith(key: string, value: unknown): string | undefined {
  const checked = check(key, value);
  return "problem" in checked ? checked.problem : undefined;
}

function check(key: string, value: unknown): { readonly value: unknown } | { readonly problem: string } {
  const setting = settingNamed(key);
  if (setting === undefined) {
    return { problem: `no such setting.${didYouMean(key, SETTINGS)}`.replace(/[.?]$/, "") };
  }
  const parsed = setting.safeParse(value);
  return parsed.success ? { value: parsed.data } : { problem: valueProblem(parsed.error.issues[0], value) };
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
