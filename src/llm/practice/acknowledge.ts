import { toSpeech } from "./facts.ts";
import { cut, list, pick, quote } from "./text.ts";
import { MEMORY_WRITES, ownCalls, text, type Done, type View } from "./view.ts";

/** What has been stored since the user spoke, said back to them; undefined if nothing was to be stored. */
export function acknowledge(view: View): string | undefined {
  const writes = ownCalls(view).filter(({ name }) => MEMORY_WRITES.has(name));
  if (writes.length === 0) return undefined;
  const kept = writes.filter(({ status }) => status !== "Failed");
  if (kept.length === 0)
    return "I tried to store that, but my memory would not take it, so I have it only in our conversation.";
  const learned = kept
    .filter(({ name }) => name === "core_memory_append")
    .flatMap(({ args }) => text(args, "content").split("\n"));
  const replaced = kept.filter(({ name }) => name === "core_memory_replace");
  const changed = replaced.map(({ args }) => text(args, "new_content").trim()).filter((line) => line.trim() !== "");
  const removed = replaced.filter(({ args }) => text(args, "new_content").trim() === "");
  const archived = kept.filter(({ name }) => name === "archival_memory_insert");
  return [told(learned), corrected(changed), forgotten(removed), kept.length > 0 ? stored(archived) : ""]
    .filter((part) => part !== "")
    .join(" ");
}

function told(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const said = list(lines.slice(0, 8).map((line) => spoken(line)));
  const opening = pick(said, ["Got it", "Good to know", "Noted", "Thank you for telling me"]);
  return `${opening}: ${said}. I'll remember that.`;
}

function corrected(lines: readonly string[]): string {
  if (lines.length === 0) return "";
  const sorry = lines.some((line) => /^ex-|\(died/i.test(line)) ? "I'm sorry to hear that. " : "";
  return `${sorry}I've corrected my memory: ${list(lines.map((line) => spoken(line)))}.`;
}

/** Parenthesised dates are for the reader of the memory, not for the ear. */
function spoken(line: string): string {
  return cut(
    toSpeech(line)
      .replace(/ \((?:said on|as of|noted on) [^)]*\)/g, "")
      .replace(/ \(died, noted on [^)]*\)/, ", who died"),
    200,
  );
}

function forgotten(calls: readonly Done[]): string {
  if (calls.length === 0) return "";
  return `I've removed ${list(calls.map(({ args }) => quote(text(args, "old_content").trim(), 100)))} from core memory.`;
}

function stored(calls: readonly Done[]): string {
  const [first] = calls;
  if (first === undefined) return "";
  return `I've saved this in archival memory: ${list(calls.map(({ args }) => quote(text(args, "content"), 120)))}.`;
}
