import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";

/** Where the functions that read and write text files may go. */
export type AllowedFolders = {
  /** Absolute paths of folders that the person allowed. */
  readonly folders: readonly string[];
  /** A folder that stays closed even inside an allowed one, because it holds agents and keys. */
  readonly closed: string;
};

/**
 * The real path of a file in an allowed folder, with every symbolic link resolved. A relative name is tried in each
 * folder.
 *
 * @throws Error, for the model to read. For files outside it does not reveal whether they exist.
 */
export async function allowedFile(name: string, { folders, closed }: AllowedFolders): Promise<string> {
  if (folders.length === 0) {
    throw new Error("no folder is allowed; the person can allow some with the setting allowed_folders");
  }
  if (name.includes("\0")) throw outside(name, folders);
  const candidates = isAbsolute(name) ? [name] : folders.map((folder) => resolve(folder, name));
  const inner = candidates.filter((path) => folders.some((folder) => isInside(resolve(path), folder)));
  if (inner.length === 0) throw outside(name, folders);
  const roots = await Promise.all([closed, ...folders].map((folder) => realpath(folder).catch(() => resolve(folder))));
  const [keep = closed, ...open] = roots;
  for (const path of inner) {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined) continue;
    if (isInside(real, keep) || !open.some((root) => isInside(real, root))) throw outside(name, folders);
    return real;
  }
  throw new Error(`no file named ${JSON.stringify(name)}`);
}

function isInside(path: string, folder: string): boolean {
  const inner = relative(folder, path);
  return inner !== "" && inner !== ".." && !inner.startsWith(`..${sep}`) && !isAbsolute(inner);
}

function outside(name: string, folders: readonly string[]): Error {
  return new Error(`${JSON.stringify(name.slice(0, 200))} is not in an allowed folder. Allowed: ${folders.join(", ")}`);
}
