import { existsSync, lstatSync, readFileSync, realpathSync, statSync } from "node:fs";
import * as z from "zod";
import { once } from "../schema/once.ts";
import { parseObject, setAside } from "./json-object.ts";
import { type CredentialSources, Credentials, normalEndpoint } from "./credentials.ts";
import { MemGPTError, describe } from "../errors.ts";
import { OPENAI_ENDPOINT } from "../llm/endpoint.ts";
import type { Home } from "../storage/files/paths.ts";
import { UnconfirmedError, writeFileAtomic } from "../storage/files/atomic.ts";
import { isOpenToOthers } from "../storage/files/folders.ts";
import { exclusively } from "../storage/files/exclusive.ts";

/** `credentials.json`: OpenAI's key, and those of other endpoints by base URL. */
const fileSchema = once(() =>
  z.looseObject({
    openai_api_key: z.string().min(1).nullish(),
    keys: z.record(z.string(), z.string().min(1)).default({}),
  }),
);

export type CredentialFileSources = CredentialSources & { readonly home: Home };

/** Reads `credentials.json`. Never fails: a damaged file, or one that other users can read, gets a notice and is left alone. */
export function loadCredentials(sources: CredentialFileSources): {
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
    if (!statSync(file).isFile()) return refuse(`${file} is not a file, so no keys are read from it: move it away.`);
    if (isOpenToOthers(file)) {
      return refuse(`${file} can be read by other users, so its keys are ignored: run \`chmod 600 ${file}\`.`);
    }
    text = readFileSync(file, "utf8");
  } catch (error) {
    const missing = error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
    if (missing) return { credentials: new Credentials(sources, new Map()), notices: [] };
    return refuse(`${file} cannot be read (${describe(error)}); its keys are ignored.`);
  }
  try {
    return { credentials: new Credentials(sources, storedKeys(text)), notices: [] };
  } catch (error) {
    return refuse(`${file} is damaged (${describe(error)}); its keys are ignored until you repair it.`);
  }
}

/**
 * Stores the key of an endpoint (null: OpenAI), or removes it (`key` undefined). Everything else in the file stays; its mode
 * becomes 0600.
 *
 * @throws MemGPTError `storage_failed`, `invalid_input` for a key with characters that no key has.
 */
export function storeKey(home: Home, endpoint: string | null, key: string | undefined): void {
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) {
    throw new MemGPTError("invalid_input", "A key must be printable ASCII without spaces. Nothing was changed.");
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
  // A new file is readable only by its owner.
  writeFileAtomic(target, `${JSON.stringify(next, null, 2)}\n`);
}

function existing(file: string): z.infer<ReturnType<typeof fileSchema>> {
  if (!existsSync(file)) {
    // A dangling symbolic link is still a link.
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw new Error("it is a dangling symbolic link");
    return { keys: {} };
  }
  try {
    return parseFile(readFileSync(file, "utf8"));
  } catch {
    setAside(file);
    return { keys: {} };
  }
}

function parseFile(text: string): z.infer<ReturnType<typeof fileSchema>> {
  const parsed = fileSchema().safeParse(parseObject(text));
  if (parsed.success) return parsed.data;
  // Zod's message may quote the value, which may be a key.
  throw new Error(`${parsed.error.issues[0]?.path.join(".") ?? "it"} is not valid`);
}

function storedKeys(text: string): Map<string, string> {
  const { openai_api_key: openAi, keys } = parseFile(text);
  const stored = new Map(Object.entries(keys).map(([endpoint, key]) => [normalEndpoint(endpoint), key]));
  if (openAi !== undefined && openAi !== null) stored.set(OPENAI_ENDPOINT, openAi);
  return stored;
}
