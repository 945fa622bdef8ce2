import { isHiddenName } from "../schema/hidden-name.ts";
import { MemGPTError, didYouMean } from "../errors.ts";
import type { AgentEntry } from "../ports/repository.ts";

/** @param all The existing agents. */
export function noSuchAgent(name: string, all: readonly string[]): MemGPTError {
  const names = all.filter((other) => !isHiddenName(other));
  const there = names.length === 0 ? "There are none yet." : `There are: ${names.join(", ")}.`;
  return new MemGPTError("agent_not_found", `There is no agent named ${name}.${didYouMean(name, names)} ${there}`);
}

/** @param names The existing sources. */
export function noSuchSource(name: string, names: readonly string[]): MemGPTError {
  const there =
    names.length === 0
      ? "There are no sources yet; `memgpt load NAME PATH` makes one."
      : `There are: ${names.join(", ")}.`;
  return new MemGPTError("not_found", `There is no source named ${name}.${didYouMean(name, names)} ${there}`);
}

/** Rewords an error about the agent that a source is stored as. */
export function aboutSource(error: unknown): unknown {
  if (!(error instanceof MemGPTError)) return error;
  const message = error.message.replace(/\b[Aa]gent\b/g, (word) => (word === "Agent" ? "Source" : "source"));
  return new MemGPTError(error.code, message, { cause: error });
}

export function nameTaken(name: string): MemGPTError {
  return new MemGPTError("agent_exists", `An agent named ${name} already exists. Open it, or choose another name.`);
}

/** Newest first. Times are compared as plain strings, because the first `localeCompare` takes 6 ms. */
export function byLastUse(a: AgentEntry, b: AgentEntry): number {
  if (a.lastUsedAt !== b.lastUsedAt) return a.lastUsedAt < b.lastUsedAt ? 1 : -1;
  return a.name.localeCompare(b.name);
}
