import {
  type ConfigChanges,
  ENVIRONMENT,
  type MemGPT,
  OPENAI_ENDPOINT,
  redacted,
  shownDatabase,
  storeKey,
  updateConfig,
} from "../../index.ts";

/** A key to store, with its endpoint (null: OpenAI). */
export type NewKey = { readonly endpoint: string | null; readonly key: string };

/** What a setup writes. Null and undefined remove a setting from the file. */
export type Setup = { readonly changes: ConfigChanges; readonly keys?: readonly NewKey[] };

/**
 * Writes a setup. OpenAI's key in `config.json` moves to `credentials.json` and stays OpenAI's, whatever the setup is.
 *
 * @returns lines that say what was written.
 * @throws MemGPTError `storage_failed`, `config_invalid`.
 */
export function apply({ home, config, origins }: MemGPT, { changes, keys = [] }: Setup): string[] {
  const lines: string[] = [];
  const old = origins["openai_api_key"]?.from === "file" ? config.openai_api_key : null;
  if (old !== null) {
    storeKey(home, null, old);
    lines.push(`Moved the key in config.json to ${home.credentialsFile}, for ${OPENAI_ENDPOINT}.`);
  }
  for (const { endpoint, key } of keys) {
    storeKey(home, endpoint, key);
    lines.push(`Stored the key ${redacted(key)} for ${endpoint ?? OPENAI_ENDPOINT} in ${home.credentialsFile}.`);
  }
  updateConfig(home, { ...changes, ...(old === null ? {} : { openai_api_key: null }) });
  const written = Object.entries(changes).filter(([, value]) => value !== null && value !== undefined);
  const text = written.map(([name, value]) => `${name} ${shown(value)}`).join(", ");
  lines.push(`Wrote ${home.configFile}${text === "" ? "" : `: ${text}`}.`);
  return [...lines, ...overridden(process.env, changes)];
}

/** Warnings about environment variables that override the changes. */
export function overridden(env: NodeJS.ProcessEnv, changes: ConfigChanges): string[] {
  return Object.entries(ENVIRONMENT).flatMap(([variable, key]) => {
    const value = env[variable];
    const overrides = value !== undefined && value !== "" && key in changes && value !== changes[key];
    if (!overrides) return [];
    // Never print a key or a password.
    if (key === "openai_api_key") return [];
    const printable = key === "database" ? shownDatabase(value) : value;
    return [`${variable}=${printable} in the environment overrides ${key} while it is set.`];
  });
}

export function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
