import { type ConfigChanges, type MemGPT, OPENAI_ENDPOINT, redacted, storeKey, updateConfig } from "../../index.ts";

/** All that a set-up writes, in the end. Null and undefined take a key out of the file. */
export type Setup = {
  readonly changes: ConfigChanges;
  /** A key to keep, with the endpoint that it is for (null: OpenAI). */
  readonly key?: { readonly endpoint: string | null; readonly key: string } | undefined;
};

/**
 * Writes a set-up. A key that `config.json` holds moves to `credentials.json`, for the endpoint that stood beside it.
 *
 * @returns what was written, for a person to read.
 * @throws MemGPTError `storage_failed`, `config_invalid`.
 */
export function apply({ home, config, origins }: MemGPT, { changes, key }: Setup): string[] {
  const lines: string[] = [];
  const old = origins["openai_api_key"]?.from === "file" ? config.openai_api_key : null;
  if (old !== null) {
    storeKey(home, config.model_endpoint, old);
    const owner = config.model_endpoint ?? OPENAI_ENDPOINT;
    lines.push(`The key in config.json moved to ${home.credentialsFile}, for ${owner}.`);
  }
  if (key !== undefined) {
    storeKey(home, key.endpoint, key.key);
    lines.push(`The key ${redacted(key.key)} for ${key.endpoint ?? OPENAI_ENDPOINT} is in ${home.credentialsFile}.`);
  }
  updateConfig(home, { ...changes, ...(old === null ? {} : { openai_api_key: null }) });
  const written = Object.entries(changes).filter(([, value]) => value !== null && value !== undefined);
  const text = written.map(([name, value]) => `${name} ${shown(value)}`).join(", ");
  lines.push(`Wrote ${home.configFile}${text === "" ? "" : `: ${text}`}.`);
  return [...lines, ...overridden(process.env, changes)];
}

/** What the environment says otherwise, and so wins. */
export function overridden(env: NodeJS.ProcessEnv, changes: ConfigChanges): string[] {
  const variables = { model: "MEMGPT_MODEL", model_endpoint: "MEMGPT_MODEL_ENDPOINT" } as const;
  return (["model", "model_endpoint"] as const).flatMap((key) => {
    const value = env[variables[key]];
    const isOther = value !== undefined && value !== "" && key in changes && value !== changes[key];
    return isOther ? [`${variables[key]}=${value} in the environment wins over ${key} as long as it is set.`] : [];
  });
}

export function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
