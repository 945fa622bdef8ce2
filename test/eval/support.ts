import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Llm } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../support/agents.ts";

/** A file with that content in a folder that is gone when the test is over. @returns its path. */
export function fileOf(content: unknown, name = "data.json"): string {
  const path = join(temporaryFolder(), name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** One JSON value on each line. */
export function linesOf(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join("");
}

/** Has temporary folders made where nobody else makes any, until the test is over. @returns what lists them. */
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

/** What makes a model for every agent, all of them answering from one script. */
export function scripted(script: ConstructorParameters<typeof ScriptedLlm>[0]): { llm: ScriptedLlm; make: () => Llm } {
  const llm = new ScriptedLlm(script);
  return { llm, make: () => llm };
}

/** Where real data is that is not part of the repository. */
export const DATA = fileURLToPath(new URL("../../../shared/data/", import.meta.url));
