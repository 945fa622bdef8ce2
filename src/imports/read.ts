import { MemGPTError } from "../errors.ts";
import { isAgentFile, readAgentFile } from "./agent-file.ts";
import { isChatGpt, readChatGpt } from "./chatgpt.ts";
import { isClaude, readClaude } from "./claude.ts";
import { readLines } from "./lines.ts";
import { isMem0, readMem0 } from "./mem0.ts";
import { isOldState, readOldState } from "./old-state.ts";
import { isOwnExport, readOwnExport } from "./own-export.ts";
import type { ImportPlan } from "./plan.ts";

const FORMATS: readonly (readonly [is: (value: unknown) => boolean, read: (value: unknown) => ImportPlan])[] = [
  [isOwnExport, readOwnExport],
  [isAgentFile, readAgentFile],
  [isChatGpt, readChatGpt],
  [isClaude, readClaude],
  [isMem0, readMem0],
  [isOldState, readOldState],
];

/**
 * Finds out what an export is and what it brings.
 *
 * @param file How it is named in errors.
 * @throws MemGPTError `invalid_input`, naming file, place and reason.
 */
export function readImport(file: string, text: string): ImportPlan {
  try {
    const value = parsed(text);
    const known = value === undefined ? undefined : FORMATS.find(([is]) => is(value));
    const plan = known?.[1](value) ?? readLines(text);
    if (plan !== undefined) return plan;
  } catch (error) {
    if (!(error instanceof MemGPTError)) throw error;
    throw new MemGPTError(error.code, `${file}: ${error.message}. Nothing was imported.`, { cause: error });
  }
  throw new MemGPTError(
    "invalid_input",
    `${file} is not an export that memgpt knows. It imports agent files (.af), conversations of ChatGPT or Claude, JSON lines of ` +
      "{role, content, time}, the graph of the MCP memory server, Mem0's memories, checkpoints of MemGPT 0.2, and what `memgpt export --format json` wrote. Nothing was imported.",
  );
}

/** Some agent files are JSON within a JSON text. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return undefined;
  }
}
