import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, extname, join, resolve, sep } from "node:path";
import { MemGPTError, describe } from "../errors.ts";
import { fileProblem } from "./input.ts";

/** A file below `root`. `name` is its path from there, with `/` on every system; `size` is in bytes. */
export type FoundFile = { readonly root: string; readonly path: string; readonly name: string; readonly size: number };

export type WalkOptions = {
  /** Whether to walk subfolders. */
  readonly isRecursive: boolean;
  /** Only files with one of these endings, such as `.txt`; all if absent. */
  readonly extensions?: readonly string[] | undefined;
  /** Receives a folder that cannot be read. */
  readonly onError: (path: string, reason: string) => void;
};

/**
 * The files of a folder in order of their names, or the file at `path`. Leaves out hidden files, `node_modules`, links to folders,
 * which may be circular, and links to files outside the folder.
 *
 * @throws MemGPTError `not_found` if `path` does not exist; `invalid_input` if it is neither a file nor a folder.
 */
export async function* walk(path: string, options: WalkOptions): AsyncGenerator<FoundFile, void, void> {
  const root = resolve(path);
  const found = await stat(root).catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const message = isMissing ? `${path} does not exist.` : `${path} cannot be read: ${describe(error)}.`;
    throw new MemGPTError("not_found", message, { cause: error });
  });
  if (found.isFile()) yield { root, path: root, name: basename(root), size: found.size };
  else if (found.isDirectory()) yield* into(root, root, "", options);
  else throw new MemGPTError("invalid_input", `${path} is neither a file nor a folder.`);
}

async function* into(
  root: string,
  folder: string,
  prefix: string,
  options: WalkOptions,
): AsyncGenerator<FoundFile, void, void> {
  for (const entry of await entriesOf(folder, prefix, options)) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const [path, name] = [join(folder, entry.name), `${prefix}${entry.name}`];
    if (entry.isDirectory()) {
      if (options.isRecursive) yield* into(root, path, `${name}/`, options);
    } else if (isWanted(entry.name, options.extensions)) {
      const found = await stat(path).catch((error: unknown) => whyNot(entry, error));
      if (typeof found === "string") options.onError(name, found);
      else if (entry.isSymbolicLink() && found.isFile() && !(await isWithin(root, path)))
        options.onError(name, "it is a link that leads out of the folder");
      else if (found.isFile()) yield { root, path, name, size: found.size };
      else if (!found.isDirectory()) options.onError(name, "it is neither a file nor a folder");
    }
  }
}

/** Why an entry of a folder cannot be opened. */
function whyNot(entry: Dirent, error: unknown): string {
  if (entry.name.includes("\ufffd")) return "its name is not valid UTF-8: rename it";
  return entry.isSymbolicLink() ? "it is a link that leads nowhere" : fileProblem(error);
}

/** Whether `path` is below `folder` once every link is followed. */
async function isWithin(folder: string, path: string): Promise<boolean> {
  const [real, target] = await Promise.all([realpath(folder), realpath(path)]);
  return target.startsWith(real.endsWith(sep) ? real : `${real}${sep}`);
}

async function entriesOf(folder: string, prefix: string, { onError }: WalkOptions): Promise<Dirent[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    onError(prefix === "" ? folder : prefix, fileProblem(error));
    return [];
  }
}

function isWanted(name: string, extensions: readonly string[] | undefined): boolean {
  const own = extname(name).toLowerCase();
  return extensions === undefined || extensions.some((it) => own === `.${it.replace(/^\./, "").toLowerCase()}`);
}
