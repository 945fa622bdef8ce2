import { readFileSync } from "node:fs";

let version: string | undefined;

/** The version of this program, such as `0.1.0`; `unknown` where its package.json is not beside it. */
export function programVersion(): string {
  version ??= readVersion();
  return version;
}

function readVersion(): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
    const isKnown = typeof manifest === "object" && manifest !== null && "version" in manifest;
    return isKnown ? String(manifest.version) : "unknown";
  } catch {
    // Nothing but a line that is shown depends on it: a checkpoint is written without as well.
    return "unknown";
  }
}
