import { type LocalServer, type MemGPT, type Provider, redacted } from "../../index.ts";
import type { Questions } from "./questions.ts";
import { print } from "../terminal/print.ts";

/** A person at a terminal, and what is known before the first question. */
export type Session = {
  readonly memgpt: Pick<MemGPT, "config" | "origins" | "credentials" | "resources">;
  readonly ask: Questions;
  /** The servers that answer on this machine, and all that were tried. */
  readonly servers: readonly LocalServer[];
  readonly local: readonly Provider[];
  /** Cancels questions and requests. */
  readonly signal: AbortSignal;
};

/** The key to send; `newKey` if it must be stored. */
export type ChosenKey = { readonly key: string | undefined; readonly newKey: string | undefined };

/** Asks for an endpoint's key: the existing one, a new one, or none. */
export async function askKey(
  { memgpt, ask }: Pick<Session, "memgpt" | "ask">,
  endpoint: string | null,
  isNeeded: boolean,
): Promise<ChosenKey> {
  const found = memgpt.credentials.keyFor(endpoint);
  // A key from the environment fits any server, but a local one rarely needs it.
  if (found !== undefined && (isNeeded || found.origin === "credentials.json")) {
    const question = `Use the key ${redacted(found.key)} from ${found.origin}?`;
    if (await ask.confirm(question, true)) return { key: found.key, newKey: undefined };
  } else if (!isNeeded && !(await ask.confirm("Does it need a key?", false)))
    return { key: found?.key, newKey: undefined };
  const newKey = await ask.password("Key (not shown):", isKey);
  print(`Key ${redacted(newKey)}.`);
  return { key: newKey, newKey };
}

/** `names` with `first` moved to the front, if it is among them. */
export function withFirst(names: readonly string[], first: string | undefined): string[] {
  return first !== undefined && names.includes(first) ? [first, ...names.filter((name) => name !== first)] : [...names];
}

/** Adds /v1 to a bare host, as nearly all servers use it. */
export function withPath(text: string): string {
  const url = text.replace(/\/+$/, "");
  return new URL(url).pathname === "/" ? `${url}/v1` : url;
}

export function isUrl(text: string): string | true {
  const isValid = /^https?:\/\/[^\s/@]+(\/\S*)?$/.test(text.trim()) && URL.canParse(text.trim());
  return isValid || "Enter a URL that starts with http:// or https://, without a user name and password.";
}

export function isNotEmpty(text: string): string | true {
  return text.trim() !== "" || "It must not be empty.";
}

function isKey(text: string): string | true {
  return /^[\x21-\x7e]+$/.test(text) || "A key contains only ASCII characters and no spaces.";
}
