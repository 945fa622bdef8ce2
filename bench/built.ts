import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A file of dist/. @throws Error if dist/ is not built. */
export function built(file: string): string {
  const path = fileURLToPath(new URL(`../dist/${file}`, import.meta.url));
  if (!existsSync(path)) throw new Error("dist/ is missing. Run npm run build first.");
  return path;
}
