#!/usr/bin/env node
import nodeModule from "node:module";
import { programVersion } from "../version.ts";

// Everything else is loaded from here, so what it depends on is set first.
const [only, ...more] = process.argv.slice(2);
if (more.length === 0 && (only === "--version" || only === "-V")) process.stdout.write(`${programVersion()}\n`);
else {
  // Stack traces then name the files and lines of the source.
  if (process.argv.includes("--debug")) process.setSourceMapsEnabled(true);
  // From Node 22.8 on what was compiled once is kept for the next start.
  (nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
  await import("./start.ts");
}
