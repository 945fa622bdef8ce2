import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Llm } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../support/agents.ts";

/** Creates a file in a folder that is removed after the test. @returns its path. */
export function fileOf(content: unknown, name = "data.json"): string {
  const path = join(temporaryFolder(), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** One JSON value per line. */
export function linesOf(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** Redirects temporary folders to a private place during the test. @returns a function that lists them. */
export function watchTemporary(): () => string[] {
  const before = process.env["TMPDIR"];
  const folder = temporaryFolder();
  process.env["TMPDIR"] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  });
  return () => readdirSync(folder);
}

/** Creates a model for every agent, all answering from one script. */
export function scripted(script: ConstructorParameters<typeof ScriptedLlm>[0]): { llm: ScriptedLlm; make: () => Llm } {
  const llm = new ScriptedLlm(script);
  return { llm, make: () => llm };
}

/** The folder of real data, which is not part of the repository. */
export const DATA = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
