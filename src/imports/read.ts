import { MemGPTError } from "../errors.ts";
import { parseJson } from "../memory/envelope.ts";
import { itemsOfList } from "../memory/json-list.ts";
import { isAgentFile, readAgentFile } from "./agent-file.ts";
import { chatGptReader, isChatGptItem } from "./chatgpt.ts";
import { claudeReader, isClaudeItem } from "./claude.ts";
import { readLines } from "./lines.ts";
import { isMem0, readMem0 } from "./mem0.ts";
import { isOldState, readOldState } from "./old-state.ts";
import { isOwnExport, readOwnExport } from "./own-export.ts";
import { type ImportPlan, type ListReader, Malformed, ofItems } from "./plan.ts";

/** Lists of conversations. */
const LISTS: readonly (readonly [is: (item: unknown) => boolean, begin: () => ListReader])[] = [
  [isChatGptItem, chatGptReader],
  [isClaudeItem, claudeReader],
];

const FORMATS: readonly (readonly [is: (value: unknown) => boolean, read: (value: unknown) => ImportPlan])[] = [
  [isOwnExport, readOwnExport],
  [isAgentFile, readAgentFile],
  ...LISTS.map(
    ([is, begin]) =>
      [
        (value: unknown): boolean => Array.isArray(value) && value.some(is),
        (value: unknown): ImportPlan => ofItems(begin(), value),
      ] as const,
  ),
  [isMem0, readMem0],
  [isOldState, readOldState],
];

/**
 * Detects the format of an export and reads it.
 *
 * @param file Its name in errors.
 * @throws MemGPTError `invalid_input`, naming file, place and reason.
 */
export function readImport(file: string, text: string): ImportPlan {
  try {
    const value = parsed(text);
    checkCut(value, unquoted(text));
    const known = value === undefined ? undefined : FORMATS.find(([is]) => is(value));
    const plan = known?.[1](value) ?? readLines(text);
    if (plan !== undefined) return plan;
  } catch (error) {
    return fail(file, error);
  }
  throw unknownFormat(file);
}

/** A part of an export. */
export type ExportPart = { readonly name: string; readonly texts: () => AsyncIterable<string> };

/**
 * Reads conversations one by one, so that an export may be larger than memory.
 *
 * @param parts The lists that the export is split into, in their order.
 * @returns undefined if the first part is no list of conversations.
 * @throws as `readImport` does.
 */
export async function readConversations(file: string, parts: readonly ExportPart[]): Promise<ImportPlan | undefined> {
  let reader: ListReader | undefined;
  for (const { name, texts } of parts) {
    let index = 0;
    const place = (): string => `${parts.length > 1 ? name : ""}[${index}]`;
    try {
      for await (const item of itemsOfList(texts())) {
        const value = parseJson(item);
        if (value === undefined) throw new Malformed(place(), "it is not JSON");
        reader ??= LISTS.find(([is]) => is(value))?.[1]();
        if (reader === undefined) return undefined;
        reader.add(value, place());
        index += 1;
      }
    } catch (error) {
      if (error instanceof SyntaxError && reader === undefined) return undefined;
      fail(file, error instanceof SyntaxError ? new Malformed(place(), error.message) : error);
    }
  }
  return reader?.plan();
}

/** Throws the error with the file's name. */
function fail(file: string, error: unknown): never {
  if (!(error instanceof MemGPTError)) throw error;
  throw new MemGPTError(error.code, `${file}: ${error.message}. Nothing was imported.`, { cause: error });
}

export function unknownFormat(file: string): MemGPTError {
  return new MemGPTError(
    "invalid_input",
    `${file} is not an export that memgpt knows. It imports agent files (.af), conversations of ChatGPT or Claude, JSON lines of ` +
      "{role, content, time}, the graph of the MCP memory server, Mem0's memories, checkpoints of MemGPT 0.2, and what `memgpt export --format json` wrote. Nothing was imported.",
  );
}

/** @throws Malformed with the place where JSON breaks off or has a mistake. */
function checkCut(value: unknown, text: string): void {
  const [first = ""] = text.trimStart().split("\n", 1);
  if (value !== undefined || !/^(?:[[{]|"\s*[[{])/.test(first) || parsed(first) !== undefined || areLines(text)) return;
  const at = goodUntil(text);
  const before = text.slice(0, at).split("\n");
  const reason = at >= text.trimEnd().length ? "it ends in the middle" : "it is not JSON from here on";
  throw new Malformed(`line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`, reason);
}

/** Whether the text is JSON lines with a broken first line. */
function areLines(text: string): boolean {
  const [, ...rest] = text.split("\n").filter((line) => line.trim() !== "");
  return rest.length > 0 && rest.every((line) => line.trimStart().startsWith("{") && parsed(line) !== undefined);
}

/** Length of the longest prefix that could begin valid JSON, because V8's errors often lack the position. */
function goodUntil(text: string): number {
  let [good, bad] = [0, text.length + 1];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (isBeginning(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    const position = /at position (\d+)/.exec(message)?.[1];
    return position === undefined ? message.startsWith("Unexpected end") : Number(position) >= text.length;
  }
}

/** Some agent files are JSON within a JSON text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(unquoted(text));
  } catch {
    return undefined;
  }
}

function unquoted(text: string): string {
  if (!text.trimStart().startsWith('"')) return text;
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}
