import { existsSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { MemGPTError, describe } from "../errors.ts";
import { confirm, writeFileAtomic } from "../storage/files/atomic.ts";
import { makeFolder } from "../storage/files/folders.ts";
import { type Home, checkName } from "../storage/files/paths.ts";
import { type Resource, type ResourceKind, listResources, readResource, resourceFolder } from "./resources.ts";

/** Writes a person's own text atomically, replacing an existing one in its place. @returns its file. */
export function writeResource(home: Home, kind: ResourceKind, name: string, text: string): string {
  const checked = checkName(name, singular(kind));
  const present = ownResource(home, kind, checked);
  const file = present?.file ?? join(resourceFolder(home, kind, "user"), `${checked}${EXTENSION[kind]}`);
  try {
    makeFolder(dirname(file));
    // Write through a symbolic link: some people keep such files elsewhere.
    writeFileAtomic(existsSync(file) ? realpathSync(file) : file, text.endsWith("\n") ? text : `${text}\n`);
  } catch (cause) {
    throw new MemGPTError("storage_failed", `Cannot write ${file} (${describe(cause)}).`, { cause });
  }
  return file;
}

/** Removes a person's own text. @throws MemGPTError `not_found`; `invalid_input` for a shipped one. */
export function removeResource(home: Home, kind: ResourceKind, name: string): void {
  const { name: found, origin, file } = readResource(home, kind, name);
  if (origin === "shipped") {
    const what = singular(kind);
    const text = `The ${what} ${found} is part of memgpt and cannot be deleted. A ${what} of yours by that name takes its place: memgpt edit ${what} ${found}.`;
    throw new MemGPTError("invalid_input", text);
  }
  try {
    rmSync(file);
    confirm(dirname(file));
  } catch (cause) {
    throw new MemGPTError("storage_failed", `Cannot delete ${file} (${describe(cause)}).`, { cause });
  }
}

const EXTENSION: Record<ResourceKind, string> = { presets: ".yaml", personas: ".txt", humans: ".txt" };

function ownResource(home: Home, kind: ResourceKind, name: string): Resource | undefined {
  return listResources(home, kind).find((resource) => resource.name === name && resource.origin === "user");
}

/** One of a kind, in words. */
export function singular(kind: ResourceKind): string {
  return kind.replace(/s$/, "");
}
