import { existsSync, lstatSync, readFileSync, realpathSync } from "node:fs";
import * as z from "zod";
import { type Config, type Origin, parseObject, setAside } from "./config.ts";
import { MemGPTError, describe } from "../errors.ts";
import type { Home } from "../storage/files/paths.ts";
import { OPENAI_ENDPOINT, hostedAt, isLoopback } from "./providers.ts";
import { UnconfirmedError, writeFileAtomic } from "../storage/files/atomic.ts";
import { isOpenToOthers } from "../storage/files/folders.ts";
import { exclusively } from "../storage/files/exclusive.ts";

/** `credentials.json`: the key of OpenAI, and those of other endpoints by their base URL. */
const fileSchema = z.looseObject({
  openai_api_key: z.string().min(1).nullish(),
  keys: z.record(z.string(), z.string().min(1)).default({}),
});

/** A key and where it is from: an environment variable, or the name of a file. */
export type FoundKey = { readonly key: string; readonly origin: string };

export type CredentialSources = {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly config: Config;
  /** Where `config.openai_api_key` is from. */
  readonly configKeyOrigin: Origin | undefined;
  /** Whether `OPENAI_API_KEY` may be sent to every endpoint that has no key of its own. */
  readonly useOpenAiKey?: boolean | undefined;
};

/** The keys there are. Each is given out for the endpoint that it was given for, and for no other. */
export class Credentials {
  readonly #sources: CredentialSources;
  readonly #stored: ReadonlyMap<string, string>;

  /** `stored`: keys by normal endpoint. */
  constructor(sources: CredentialSources, stored: ReadonlyMap<string, string>) {
    this.#sources = sources;
    this.#stored = stored;
  }

  /** The endpoints that there is a key for in the file, with their keys. */
  get stored(): ReadonlyMap<string, string> {
    return this.#stored;
  }

  /**
   * The key for an endpoint (null: OpenAI), the more particular source first: `MEMGPT_API_KEY`, the variable of the service
   * that is there, the file; at last OpenAI's, for OpenAI itself and where a person said that it may be sent.
   */
  keyFor(endpoint: string | null): FoundKey | undefined {
    const { env } = this.#sources;
    const variable = hostedAt(endpoint)?.keyVariable;
    for (const name of ["MEMGPT_API_KEY", variable]) {
      const key = name === undefined || name === null ? undefined : env[name];
      if (name !== undefined && name !== null && key !== undefined && key !== "") return { key, origin: name };
    }
    const stored = this.#storedFor(endpoint);
    if (stored !== undefined) return { key: stored, origin: "credentials.json" };
    if (!this.#maySendOpenAiKey(endpoint)) return undefined;
    const openAi = this.#storedFor(null);
    return this.openAiKey ?? (openAi === undefined ? undefined : { key: openAi, origin: "credentials.json" });
  }

  /** The key for OpenAI where it is not in `credentials.json`. */
  get openAiKey(): FoundKey | undefined {
    const { config, configKeyOrigin } = this.#sources;
    if (config.openai_api_key === null) return undefined;
    const origin = configKeyOrigin?.from === "environment" ? configKeyOrigin.variable : "config.json";
    return { key: config.openai_api_key, origin };
  }

  /** The configuration with the key that is for `endpoint`, and no other. */
  configFor(endpoint: string | null): Config {
    return { ...this.#sources.config, openai_api_key: this.keyFor(endpoint)?.key ?? null };
  }

  /** Whether a person has not said yet if OpenAI's key, the only one there is for `endpoint`, may be sent there. */
  isOpenAiKeyOpen(endpoint: string | null): boolean {
    if (this.keyFor(endpoint) !== undefined || this.openAiKey === undefined) return false;
    return mostParticular(Object.entries(this.#sources.config.use_openai_key), endpoint) === undefined;
  }

  /** What a person should know before a key is sent to `endpoint`; undefined if nothing. */
  warningFor(endpoint: string | null): string | undefined {
    const found = this.keyFor(endpoint);
    if (found === undefined || endpoint === null || !/^http:/i.test(endpoint) || isLoopback(endpoint)) return undefined;
    return `The key from ${found.origin} goes to ${endpoint} over plain http: whoever is on the way can read it. Use https if the server has it.`;
  }

  #maySendOpenAiKey(endpoint: string | null): boolean {
    const { config, useOpenAiKey } = this.#sources;
    if (hostedAt(endpoint)?.id === "openai" || useOpenAiKey === true) return true;
    return mostParticular(Object.entries(config.use_openai_key), endpoint) === true;
  }

  #storedFor(endpoint: string | null): string | undefined {
    return mostParticular([...this.#stored], endpoint);
  }
}

/** What is said of `endpoint`, or of a URL that it is below: of several the longest. */
function mostParticular<T>(
  said: readonly (readonly [url: string, value: T])[],
  endpoint: string | null,
): T | undefined {
  const wanted = normalEndpoint(endpoint);
  const [best] = said
    .map(([url, value]) => [normalEndpoint(url), value] as const)
    .filter(([url]) => wanted === url || wanted.startsWith(`${url}/`))
    .sort(([a], [b]) => b.length - a.length);
  return best?.[1];
}

/** Reads `credentials.json`. Never fails: a file that cannot be used, or that others can read, is named and left alone. */
export function loadCredentials(sources: CredentialSources): {
  readonly credentials: Credentials;
  readonly notices: readonly string[];
} {
  const file = sources.home.credentialsFile;
  const refuse = (problem: string): ReturnType<typeof loadCredentials> => ({
    credentials: new Credentials(sources, new Map()),
    notices: [problem],
  });
  let text: string;
  try {
    if (isOpenToOthers(file)) {
      return refuse(`${file} can be read by others, so its keys are not used: run \`chmod 600 ${file}\`.`);
    }
    text = readFileSync(file, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (missing) return { credentials: new Credentials(sources, new Map()), notices: [] };
    return refuse(`${file} cannot be read (${describe(error)}); its keys are not used.`);
  }
  try {
    return { credentials: new Credentials(sources, storedKeys(text)), notices: [] };
  } catch (error) {
    return refuse(`${file} cannot be used (${describe(error)}); its keys are not used until it is mended.`);
  }
}

/**
 * Keeps the key of an endpoint (null: OpenAI), or forgets it (`key` undefined). Everything else in the file stays; its mode
 * becomes 0600.
 *
 * @throws MemGPTError `storage_failed`, `invalid_input` if the key cannot be one.
 */
export function storeKey(home: Home, endpoint: string | null, key: string | undefined): void {
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new MemGPTError("invalid_input", "A key has no spaces and only plain characters. Nothing was changed.");
  }
  const file = home.credentialsFile;
  try {
    exclusively(file, () => {
      writeKey(file, normalEndpoint(endpoint), key);
    });
  } catch (cause) {
    if (cause instanceof MemGPTError) throw cause;
    if (cause instanceof UnconfirmedError) {
      const message = `${file} was written, but ${cause.message}.`;
      throw new MemGPTError("storage_failed", message, { cause, kept: "all" });
    }
    const message = `Cannot write ${file} (${describe(cause)}). No key was changed.`;
    throw new MemGPTError("storage_failed", message, { cause });
  }
}

function writeKey(file: string, url: string, key: string | undefined): void {
  const content = existing(file);
  const kept = Object.entries(content.keys).filter(([known]) => normalEndpoint(known) !== url);
  const isOpenAi = url === OPENAI_ENDPOINT;
  const keys = Object.fromEntries(key === undefined || isOpenAi ? kept : [...kept, [url, key]]);
  const { openai_api_key: before, ...rest } = content;
  const openAi = isOpenAi ? key : before;
  const next = { ...rest, ...(openAi === undefined || openAi === null ? {} : { openai_api_key: openAi }), keys };
  const target = existsSync(file) ? realpathSync(file) : file;
  // A new file is for its owner's eyes only.
  writeFileAtomic(target, `${JSON.stringify(next, null, 2)}\n`);
}

/** `sk-…abcd`: enough to tell one's keys apart, too little to use one. Nothing at all of a short key. */
export function redacted(key: string): string {
  const MOST_SHOWN = 7;
  if (key.length < 4 * MOST_SHOWN - 8) return "…";
  return `${key.startsWith("sk-") ? "sk-" : ""}…${key.slice(-4)}`;
}

/** One form for URLs that are the same. Null is OpenAI. */
function normalEndpoint(endpoint: string | null): string {
  const text = endpoint ?? OPENAI_ENDPOINT;
  return (URL.canParse(text) ? new URL(text).href : text).replace(/\/+$/, "");
}

function existing(file: string): z.infer<typeof fileSchema> {
  if (!existsSync(file)) {
    // A link that leads nowhere is one all the same.
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw new Error("it is a link to nothing");
    return { keys: {} };
  }
  try {
    return parseFile(readFileSync(file, "utf8"));
  } catch {
    setAside(file);
    return { keys: {} };
  }
}

function parseFile(text: string): z.infer<typeof fileSchema> {
  const parsed = fileSchema.safeParse(parseObject(text));
  if (parsed.success) return parsed.data;
  // What zod says names the place; of what stands there it says no more than the type.
  throw new Error(`${parsed.error.issues[0]?.path.join(".") ?? "it"} is not what it should be`);
}

function storedKeys(text: string): Map<string, string> {
  const { openai_api_key: openAi, keys } = parseFile(text);
  const stored = new Map(Object.entries(keys).map(([endpoint, key]) => [normalEndpoint(endpoint), key]));
  if (openAi !== undefined && openAi !== null) stored.set(OPENAI_ENDPOINT, openAi);
  return stored;
}
