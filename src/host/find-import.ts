import { parse } from "node:path";
import { readOriginalRows } from "../compose.ts";
import { readOldDatabase } from "../imports/old-database.ts";
import type { FoundMemory, ImportPlan } from "../imports/plan.ts";
import { readImport } from "../imports/read.ts";
import { readExport } from "./import-file.ts";

/** A file and what can be imported from it. */
export type FoundImport = ImportPlan & { readonly file: string };

/** The agents of a server or database, and lines about those that could not be read. */
export type FoundAgents = { readonly found: readonly FoundImport[]; readonly unread: readonly string[] };

/** Reads an export without changing anything. @throws as `readExport` does. */
export async function findImport(file: string): Promise<FoundImport> {
  return { ...(await readExport(file)), file };
}

/** As `findImport`, for a text. */
export function readFound(text: string, name: string): FoundImport {
  return { ...readImport(name, text), file: name };
}

/** Reads the agents in a database of MemGPT 0.3. @throws MemGPTError `invalid_input` if it cannot be read. */
export async function findInDatabase(file: string): Promise<FoundAgents> {
  const { plans, unread } = readOldDatabase(await readOriginalRows(file));
  return { found: plans.map((plan) => ({ ...plan, file })), unread };
}

/** The default name of the agent to import into: the agent's own, the program's that it comes from, or the file's. */
export function suggestedAgent({ format, file }: FoundImport, { agent }: FoundMemory): string {
  const name = agent ?? /^(chatgpt|claude|mem0)\b/i.exec(format)?.[0].toLowerCase() ?? parse(file).name;
  const allowed = name.replace(/[^\p{L}\p{M}\p{N} ._-]/gu, "-").replace(/^[^\p{L}\p{N}_-]+|[ .]+$/gu, "");
  return allowed.slice(0, 64).replace(/[ .]+$/, "") || "imported";
}
