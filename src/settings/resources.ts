import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { MemGPTError, didYouMean } from "../errors.ts";
import { type Home, checkName } from "../storage/files/paths.ts";
import { packageRoot } from "../version.ts";

/** Kinds of text that people can supply in a folder of that name in the home directory; theirs win over the shipped ones. */
export type ResourceKind = "presets" | "personas" | "humans";

/** A named text and its origin. */
export type Resource = {
  readonly name: string;
  readonly text: string;
  readonly origin: "user" | "shipped";
  readonly file: string;
  /** Of presets, where the file has one. */
  readonly description?: string;
};

const EXTENSIONS: Record<ResourceKind, readonly string[]> = {
  presets: [".yaml", ".yml"],
  personas: [".txt", ""],
  humans: [".txt", ""],
};

/** All of one kind by name. A person's own replaces the shipped one of the same name. */
export function listResources(home: Home, kind: ResourceKind): Resource[] {
  const found = new Map<string, Resource>();
  for (const origin of ["user", "shipped"] as const) {
    for (const { name, file } of filesOf(resourceFolder(home, kind, origin), EXTENSIONS[kind])) {
      if (found.has(name)) continue;
      const text = readText(file);
      found.set(name, { name, text, origin, file, ...(kind === "presets" ? describedBy(text) : {}) });
    }
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name));
}

/** @throws MemGPTError `not_found`, listing the names; `invalid_name`. */
export function readResource(home: Home, kind: ResourceKind, name: string): Resource {
  const singular = kind.replace(/s$/, "");
  checkName(name, singular);
  const all = listResources(home, kind);
  const resource = all.find((candidate) => candidate.name === name);
  if (resource !== undefined) return resource;
  const names = all.map((candidate) => candidate.name);
  throw new MemGPTError(
    "not_found",
    `No ${singular} named ${name}.${didYouMean(name, names)} There are: ${names.join(", ")}.`,
  );
}

/** The description in a preset, if it is on one line. A damaged preset has none here; using it reports what is wrong. */
function describedBy(text: string): { description?: string } {
  const [, , quoted, plain] = /^description:[ \t]*(?:(["'])(.*)\1|([^"'>|\s].*))[ \t]*$/m.exec(text) ?? [];
  const description = (quoted ?? plain ?? "").trim();
  return description === "" ? {} : { description };
}

/** Where resources of one kind and origin are. */
export function resourceFolder(home: Home, kind: ResourceKind, origin: "user" | "shipped"): string {
  return origin === "user" ? home[kind] : join(packageRoot(), kind);
}

function filesOf(directory: string, extensions: readonly string[]): { name: string; file: string }[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((file) => !file.startsWith(".") && isFile(join(directory, file)))
    .flatMap((file) => {
      const extension = extensions.find((candidate) => file.endsWith(candidate));
      if (extension === undefined || (extension === "" && file.includes("."))) return [];
      return [{ name: basename(file, extension), file: join(directory, file) }];
    });
}

/** Follows symbolic links. A dangling or circular link does not exist. */
function isFile(path: string): boolean {
  return existsSync(path) && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Reads a text file without its byte order mark and with Unix line endings. */
export function readText(file: string): string {
  return readFileSync(file, "utf8")
    .replace(/^\uFEFF/, "")
    .replaceAll("\r\n", "\n")
    .replaceAll("\0", "\uFFFD");
}
