import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { MemGPTError, didYouMean } from "../errors.ts";
import { type Home, checkName } from "../storage/files/paths.ts";
import { packageRoot } from "../version.ts";

/** Kinds of text that people can supply, in the home's folder of that name; theirs win over the shipped ones. */
export type ResourceKind = "presets" | "personas" | "humans";

/** A named text and its origin. */
export type Resource = {
  readonly name: string;
  readonly text: string;
  readonly origin: "user" | "shipped";
  readonly file: string;
  /** Only of presets that have one. */
  readonly description?: string;
};

const EXTENSIONS: Record<ResourceKind, readonly string[]> = {
  presets: [".yaml", ".yml"],
  personas: [".txt", ""],
  humans: [".txt", ""],
};

/** All resources of a kind, sorted by name. A person's own replaces the shipped one of the same name. */
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

/** The description in a preset, if it is on one line. Does not report a damaged preset; using it does. */
function describedBy(text: string): { description?: string } {
  const [, , quoted, plain] = /^description:[ \t]*(?:(["'])(.*)\1|([^"'>|\s].*))[ \t]*$/m.exec(text) ?? [];
  const description = (quoted ?? plain ?? "").trim();
  return description === "" ? {} : { description };
}

/** The folder of resources of one kind and origin. */
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

/** Follows symbolic links; false for dangling or circular ones. */
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
