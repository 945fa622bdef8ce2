import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let root: string | undefined;
let version: string | undefined;

/** Where the package is installed: the nearest folder above this module with a package.json, wherever it was bundled to. */
export function packageRoot(): string {
  root ??= findRoot(dirname(fileURLToPath(import.meta.url)));
  return root;
}

/** The version of this program, such as `0.1.0`; `unknown` where its package.json is not beside it. */
export function programVersion(): string {
  version ??= readVersion();
  return version;
}

function findRoot(folder: string): string {
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, "package.json")) ? folder : findRoot(above);
}

function readVersion(): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8"));
    const isKnown = typeof manifest === "object" && manifest !== null && "version" in manifest;
    return isKnown ? String(manifest.version) : "unknown";
  } catch {
    // Nothing but a line that is shown depends on it: a checkpoint is written without as well.
    return "unknown";
  }
}
