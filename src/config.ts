import { readFileSync, renameSync } from "node:fs";
import { z } from "zod";
import { describe } from "./errors.ts";
import type { Home } from "./paths.ts";

/**
 * What a person can set, by the names it has in `config.json`. Defaults < file < environment < flags.
 * `context_window` is in tokens, `core_memory_limit` in characters (null: as much as suits the window).
 */
export const configSchema = z.object({
  model: z.string().min(1).default("practice").describe("model that new agents use; `practice` is the built-in one"),
  model_endpoint: z.url().nullable().default(null).describe("base URL of an OpenAI-compatible server"),
  context_window: z.number().int().min(4096).default(8192).describe("tokens the model can see at once"),
  preset: z.string().default("memgpt_chat").describe("system prompt and functions of new agents"),
  persona: z.string().nullable().default(null).describe("persona of new agents; the preset's, if null"),
  human: z.string().nullable().default(null).describe("human of new agents; the preset's, if null"),
  core_memory_limit: z.number().int().min(100).max(100_000).nullable().default(null).describe("characters per block"),
  max_steps: z.number().int().min(1).max(1000).default(50).describe("steps that one turn may take"),
  openai_api_key: z.string().nullable().default(null).describe("key sent to the endpoint"),
});
export type Config = z.infer<typeof configSchema>;

/** The environment variables that are read, and what they set. */
export const ENVIRONMENT = {
  OPENAI_API_KEY: "openai_api_key",
  MEMGPT_MODEL: "model",
  MEMGPT_MODEL_ENDPOINT: "model_endpoint",
} as const satisfies Record<string, keyof Config>;

/** The configuration and what was wrong with its sources, for a person to read. */
export type LoadedConfig = { readonly config: Config; readonly notices: readonly string[] };

/**
 * Reads the configuration. Never fails: a value that cannot be used is named and its default taken; a file that is not
 * JSON is set aside under another name, so that nothing ever overwrites it; one that cannot be read is left alone.
 */
export function loadConfig(home: Home, env: NodeJS.ProcessEnv): LoadedConfig {
  const notices: string[] = [];
  const fromFile = readFile(home.configFile, notices);
  const fromEnvironment = Object.entries(ENVIRONMENT).flatMap(([name, key]) => {
    const value = env[name];
    return value === undefined || value === "" ? [] : [[key, value, name] as const];
  });
  const values = new Map<string, unknown>();
  const candidates = [
    ...Object.entries(fromFile).map(([key, value]) => [key, value, `${key} in ${home.configFile}`] as const),
    ...fromEnvironment,
  ];
  for (const [key, value, origin] of candidates) {
    const problem = problemWith(key, value);
    if (problem === undefined) values.set(key, value);
    else notices.push(`${origin} is ignored: ${problem}.`);
  }
  return { config: configSchema.parse(Object.fromEntries(values)), notices };
}

function problemWith(key: string, value: unknown): string | undefined {
  const field = Object.entries(configSchema.shape).find(([name]) => name === key)?.[1];
  if (field === undefined) return "there is no such setting";
  const parsed = field.safeParse(value);
  return parsed.success ? undefined : (parsed.error.issues[0]?.message ?? "it cannot be used");
}

function readFile(file: string, notices: string[]): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    // ENOTDIR: the home directory is a file, which whoever writes there will say.
    const missing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (!missing) notices.push(`${file} cannot be read (${describe(error)}); the defaults are used.`);
    return {};
  }
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null && !Array.isArray(json)) return { ...json };
    throw new Error("it is not a JSON object");
  } catch (error) {
    notices.push(`${file} could not be read (${describe(error)}). ${setAside(file)}; the defaults are used.`);
    return {};
  }
}

/** @returns what became of the file, as a sentence without its end. */
function setAside(file: string): string {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(":", "-")}`;
  try {
    renameSync(file, aside);
    return `It was set aside as ${aside}`;
  } catch (error) {
    return `It is still there, for it could not be set aside (${describe(error)})`;
  }
}
