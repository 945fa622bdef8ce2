import { existsSync, readFileSync } from "node:fs";
import { parseJson } from "../../memory/envelope.ts";
import { mentions } from "../../memory/forgetting.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import { writeFileAtomic } from "./atomic.ts";

/** A line typed in the chat, and the id of the agent it went to, if known. */
export type TypedLine = { readonly text: string; readonly agent: string | undefined };

/**
 * Removes lines from the file of typed lines. A chat that writes to it at that instant may lose its newest line.
 *
 * @returns how many; `isDry` only counts them.
 */
function removeTypedLines(
  file: string,
  isForgotten: (line: TypedLine) => boolean,
  { isDry = false }: { readonly isDry?: boolean } = {},
): number {
  if (!existsSync(file)) return 0;
  const lines = readFileSync(file, "utf8").split("\n");
  const kept = lines.filter((line) => {
    const read = typedLine(parseJson(line));
    return read === undefined || !isForgotten(read);
  });
  if (kept.length < lines.length && !isDry) writeFileAtomic(file, kept.join("\n"));
  return lines.length - kept.length;
}

/** Removes lines typed to the order's agent that contain forgotten text. @returns how many. */
export function forgetTyped(
  file: string | undefined,
  { words, agent }: ForgetOrder,
  options: { readonly isDry?: boolean } = {},
): number {
  if (file === undefined) return 0;
  const isForgotten = (line: TypedLine): boolean =>
    (line.agent === undefined || line.agent === agent) && mentions(line.text, words);
  return removeTypedLines(file, isForgotten, options);
}

/** Older versions wrote only the text. */
function typedLine(value: unknown): TypedLine | undefined {
  if (typeof value === "string") return { text: value, agent: undefined };
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string")
    return undefined;
  const agent = "agent" in value && typeof value.agent === "string" ? value.agent : undefined;
  return { text: value.text, agent };
}
