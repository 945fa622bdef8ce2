#!/usr/bin/env node
import nodeModule from "node:module";
import { programVersion } from "../version.ts";

// Everything else is loaded from here, so settings that affect loading come first.
const [only, ...more] = process.argv.slice(2);
if (more.length === 0 && (only === "--version" || only === "-V")) process.stdout.write(`${programVersion()}\n`);
else {
  // Makes stack traces name the files and lines of the source.
  if (process.argv.includes("--debug")) process.setSourceMapsEnabled(true);
  // Node 22.8 and later keep compiled code for the next start.
  (nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
  await import("./start.ts");
}
