import {
  type ConfigChanges,
  ENVIRONMENT,
  type MemGPT,
  OPENAI_ENDPOINT,
  redacted,
  storeKey,
  updateConfig,
} from "../../index.ts";

/** A key to keep, with the endpoint that it is for (null: OpenAI). */
export type NewKey = { readonly endpoint: string | null; readonly key: string };

/** All that a set-up writes, in the end. Null and undefined take a setting out of the file. */
export type Setup = { readonly changes: ConfigChanges; readonly keys?: readonly NewKey[] };

/**
 * Writes a set-up. OpenAI's key moves from `config.json` to `credentials.json`, and stays OpenAI's whatever is set up.
 *
 * @returns what was written, for a person to read.
 * @throws MemGPTError `storage_failed`, `config_invalid`.
 */
export function apply({ home, config, origins }: MemGPT, { changes, keys = [] }: Setup): string[] {
  const lines: string[] = [];
  const old = origins["openai_api_key"]?.from === "file" ? config.openai_api_key : null;
  if (old !== null) {
    storeKey(home, null, old);
    lines.push(`The key in config.json moved to ${home.credentialsFile}, for ${OPENAI_ENDPOINT}.`);
  }
  for (const { endpoint, key } of keys) {
    storeKey(home, endpoint, key);
    lines.push(`The key ${redacted(key)} for ${endpoint ?? OPENAI_ENDPOINT} is in ${home.credentialsFile}.`);
  }
  updateConfig(home, { ...changes, ...(old === null ? {} : { openai_api_key: null }) });
  const written = Object.entries(changes).filter(([, value]) => value !== null && value !== undefined);
  const text = written.map(([name, value]) => `${name} ${shown(value)}`).join(", ");
  lines.push(`Wrote ${home.configFile}${text === "" ? "" : `: ${text}`}.`);
  return [...lines, ...overridden(process.env, changes)];
}

/** What the environment says otherwise, and so wins. */
export function overridden(env: NodeJS.ProcessEnv, changes: ConfigChanges): string[] {
  return Object.entries(ENVIRONMENT).flatMap(([variable, key]) => {
    const value = env[variable];
    const isOther = value !== undefined && value !== "" && key in changes && value !== changes[key];
    // What is in the variable of a key is nobody's to read.
    const isShown = isOther && key !== "openai_api_key";
    return isShown ? [`${variable}=${value} in the environment wins over ${key} as long as it is set.`] : [];
  });
}

export function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
