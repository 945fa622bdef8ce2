import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ResourceLimits, Worker } from "node:worker_threads";
import { packageRoot } from "../version.ts";

/** Runs a TypeScript module of a checkout, for which Node 20 needs jiti. */
const FROM_SOURCE = `
const { workerData: { jiti, file } } = require("node:worker_threads");
require(jiti).createJiti(file).import(file).catch((error) => setImmediate(() => { throw error; }));
`;

/**
 * Starts a thread that runs a module of this program. `name` is its path below src without extension. Its output is dropped.
 */
export function moduleThread(name: string, resourceLimits: ResourceLimits): Worker {
  // Loaded here, so that a normal start of the program does not load it.
  const { Worker } = process.getBuiltinModule("node:worker_threads");
  const options = { resourceLimits, execArgv: [], stdout: true, stderr: true };
  const isBuilt = !import.meta.url.endsWith(".ts");
  const worker = isBuilt
    ? new Worker(join(packageRoot(), "dist", `${name}.js`), options)
    : new Worker(FROM_SOURCE, {
        ...options,
        eval: true,
        workerData: {
          jiti: createRequire(import.meta.url).resolve("jiti"),
          file: fileURLToPath(new URL(`../${name}.ts`, import.meta.url)),
        },
      });
  worker.stdout.resume();
  worker.stderr.resume();
  return worker;
}
