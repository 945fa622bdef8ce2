import { existsSync, readFileSync } from "node:fs";
import { parseJson } from "../../memory/envelope.ts";
import { mentions } from "../../memory/forgetting.ts";
import type { ForgetOrder } from "../../schema/forgetting.ts";
import { writeFileAtomic } from "./atomic.ts";

/** A line that was typed in the chat, and the id of the agent it went to, if known. */
export type TypedLine = { readonly text: string; readonly agent: string | undefined };

/**
 * Removes typed lines from the file of them. A chat that is writing to it at that instant may lose its newest line.
 *
 * @returns how many, which `isDry` only counts.
 */
function removeTypedLines(
  file: string,
  isGone: (line: TypedLine) => boolean,
  { isDry = false }: { readonly isDry?: boolean } = {},
): number {
  if (!existsSync(file)) return 0;
  const lines = readFileSync(file, "utf8").split("\n");
  const kept = lines.filter((line) => {
    const read = typedLine(parseJson(line));
    return read === undefined || !isGone(read);
  });
  if (kept.length < lines.length && !isDry) writeFileAtomic(file, kept.join("\n"));
  return lines.length - kept.length;
}

/** Removes what was typed to the agent of an order and says what is forgotten. @returns how many lines. */
export function forgetTyped(
  file: string | undefined,
  { words, agent }: ForgetOrder,
  options: { readonly isDry?: boolean } = {},
): number {
  if (file === undefined) return 0;
  const isGone = (line: { text: string; agent: string | undefined }): boolean =>
    (line.agent === undefined || line.agent === agent) && mentions(line.text, words);
  return removeTypedLines(file, isGone, options);
}

/** Older versions wrote only the text. */
function typedLine(value: unknown): TypedLine | undefined {
  if (typeof value === "string") return { text: value, agent: undefined };
  if (typeof value !== "object" || value === null || !("text" in value) || typeof value.text !== "string")
    return undefined;
  const agent = "agent" in value && typeof value.agent === "string" ? value.agent : undefined;
  return { text: value.text, agent };
}
