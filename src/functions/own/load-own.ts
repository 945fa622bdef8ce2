import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { MemGPTError, describe } from "../../errors.ts";
import { type AgentFunction, defineFunction } from "../define.ts";
import { insertPassages, setBlock, speak } from "../effects.ts";
import type { LoadedFunctions } from "../registry.ts";

const EXTENSIONS = /\.(js|mjs|ts)$/;
/** Longest time to load one file. */
const TIMEOUT_MS = 10_000;

/** The module that a file gets from `import … from "memgpt"`: this program, wherever it is installed. */
const MEMGPT = { defineFunction, setBlock, speak, insertPassages, MemGPTError };

/** Every function exported by the files of a folder, which are read again each time. A broken file is skipped and reported. */
export async function loadOwnFunctions(folder: string): Promise<LoadedFunctions> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => EXTENSIONS.test(name) && !name.endsWith(".d.ts")).sort();
  if (files.length === 0) return { functions: [], problems: [] };
  const { createJiti } = await import("jiti");
  const { resolve } = createRequire(import.meta.url);
  const jiti = createJiti(import.meta.url, {
    // Files change while the program runs.
    moduleCache: false,
    fsCache: false,
    virtualModules: { memgpt: MEMGPT },
    alias: { zod: resolve("zod") },
  });
  const functions: AgentFunction[] = [];
  const problems: string[] = [];
  for (const file of files) {
    const path = join(folder, file);
    try {
      const found = functionsIn(await withinTime(jiti.import(path)));
      if (found.length === 0) problems.push(`${path} is skipped: it exports no function defined with defineFunction.`);
      functions.push(...found);
    } catch (error) {
      problems.push(`${path}${lineOf(error, path)} is skipped: ${reasonOf(error)}.`);
    }
  }
  return { functions, problems };
}

function functionsIn(module: unknown): AgentFunction[] {
  if (typeof module !== "object" || module === null) return [];
  return [...new Set(Object.values(module).flat().filter(isFunction))];
}

function isFunction(value: unknown): value is AgentFunction {
  if (typeof value !== "object" || value === null) return false;
  return "name" in value && "kind" in value && "schema" in value && "call" in value && typeof value.call === "function";
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`it was not loaded within ${TIMEOUT_MS / 1000} seconds`));
    }, TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The line of an error, as `:3`, from a parser's message or a stack trace. */
function lineOf(error: unknown, path: string): string {
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : "";
  const at = text.indexOf(`${path}:`);
  const line = at < 0 ? /\((\d+):\d+\)/.exec(text)?.[1] : /^\d+/.exec(text.slice(at + path.length + 1))?.[0];
  return line === undefined ? "" : `:${line}`;
}

function reasonOf(error: unknown): string {
  const [first = ""] = describe(error).split("\n");
  return first
    .replace(/^\w*Error: /, "")
    .trim()
    .replace(/\.$/, "");
}
