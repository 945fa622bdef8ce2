import { type LocalServer, type MemGPT, type Provider, redacted } from "../../index.ts";
import { visible } from "../terminal/sanitize.ts";
import type { Questions } from "./questions.ts";

/** Somebody at a terminal, and what is known before they are asked. */
export type Session = {
  readonly memgpt: Pick<MemGPT, "config" | "origins" | "credentials" | "listResources">;
  readonly ask: Questions;
  /** Servers on this machine that answer, and all that were looked for. */
  readonly servers: readonly LocalServer[];
  readonly local: readonly Provider[];
  /** Ends what is waited for. */
  readonly signal: AbortSignal;
};

/** A key that is sent; `newKey` if it is to be kept. */
export type ChosenKey = { readonly key: string | undefined; readonly newKey: string | undefined };

export function say(text: string): void {
  process.stdout.write(`${visible(text)}\n`);
}

/** The key of an endpoint: the one that there is, another, or none. */
export async function askKey(
  { memgpt, ask }: Pick<Session, "memgpt" | "ask">,
  endpoint: string | null,
  isNeeded: boolean,
): Promise<ChosenKey> {
  const found = memgpt.credentials.keyFor(endpoint);
  // A key of the environment is for any server, but a local one rarely wants it.
  if (found !== undefined && (isNeeded || found.origin === "credentials.json")) {
    const question = `Use the key ${redacted(found.key)} from ${found.origin}?`;
    if (await ask.confirm(question, true)) return { key: found.key, newKey: undefined };
  } else if (!isNeeded && !(await ask.confirm("Does it want a key?", false)))
    return { key: found?.key, newKey: undefined };
  const newKey = await ask.password("Key (not shown):", isKey);
  say(`Key ${redacted(newKey)}.`);
  return { key: newKey, newKey };
}

/** `names`, with `first` before all others if it is among them. */
export function firstly(names: readonly string[], first: string | undefined): string[] {
  return first !== undefined && names.includes(first) ? [first, ...names.filter((name) => name !== first)] : [...names];
}

/** A bare host is completed: nearly all servers have their routes below /v1. */
export function withPath(text: string): string {
  const url = text.replace(/\/+$/, "");
  return new URL(url).pathname === "/" ? `${url}/v1` : url;
}

export function isUrl(text: string): string | true {
  const isOne = /^https?:\/\/[^\s/@]+(\/\S*)?$/.test(text.trim()) && URL.canParse(text.trim());
  return isOne || "It must be a URL that begins with http:// or https://, without a name and password.";
}

export function isSomething(text: string): string | true {
  return text.trim() !== "" || "It may not be empty.";
}

function isKey(text: string): string | true {
  return /^[\x21-\x7e]+$/.test(text) || "A key has no spaces and only plain characters.";
}
