import type { FunctionSchema } from "../../schema/context.ts";
import { type ParsedCall, type Said, saidIn } from "./call-object.ts";
import { markedCalls } from "./markup.ts";
import { beside, isFields, repaired, segments } from "./repair.ts";

/** What an answer in JSON form says; without calls only if it says itself that it calls nothing. */
export type ParsedAnswer = { readonly thoughts: string | null; readonly calls: readonly ParsedCall[] };

/** Why an answer could not be read, worded so that the model can mend it. */
export type ParseFault = { readonly fault: string; readonly looksLikeJson: boolean };

/**
 * Reads an answer in whatever form models give it: with text or fences around it, several objects or a list, other names
 * for the parts, marks of the model's own, JSON that is damaged or cut off. Throws nothing, whatever the text.
 */
export function parseAnswer(text: string, functions: readonly FunctionSchema[]): ParsedAnswer | ParseFault {
  if (text.trim() === "") return { fault: "Your answer was empty.", looksLikeJson: false };
  const marked = markedCalls(text, functions);
  if (marked !== undefined) return answer(marked.said, marked.before.trim());
  const found = segments(text);
  const said = found.flatMap(({ from, to }) => saidIn(repaired(text.slice(from, to)), functions));
  if (calls(said).length > 0) return answer(said, beside(text, found));
  const whole = asOne(text, functions);
  if (calls(whole).length > 0) return answer(whole, text.slice(0, text.indexOf("{")).trim());
  if (said.some(({ callsNothing }) => callsNothing === true)) return answer(said, "");
  const looksLikeJson = /^\s*(?:```\w*\s*)?[[{]/.test(text);
  if (!looksLikeJson) return { fault: "Your answer was text without a JSON object.", looksLikeJson };
  if (said.length === 0) return { fault: "Your answer was not valid JSON.", looksLikeJson };
  return { fault: 'Your JSON calls nothing: "function" is missing.', looksLikeJson };
}

/** What is written for a person in JSON that makes no call even after it was asked for; undefined if nothing is. */
export function messageIn(text: string): string | undefined {
  return segments(text)
    .map(({ from, to }) => repaired(text.slice(from, to)))
    .map((value) => (isFields(value) ? value["message"] : undefined))
    .find((message) => typeof message === "string" && message.trim() !== "") as string | undefined;
}

/** A quote too many makes an object seem to end too early or too late: from the first brace to the last. */
function asOne(text: string, functions: readonly FunctionSchema[]): Said[] {
  const from = text.indexOf("{");
  const to = text.lastIndexOf("}") + 1;
  return from < 0 ? [] : saidIn(repaired(text.slice(from, to > from ? to : undefined)), functions);
}

function calls(said: readonly Said[]): ParsedCall[] {
  return said.flatMap(({ call }) => call ?? []);
}

/** Text beside the JSON is a thought if there is no other. */
function answer(said: readonly Said[], outside: string): ParsedAnswer {
  const thoughts = said.flatMap((one) => one.thoughts).filter((thought) => thought.trim() !== "");
  if (thoughts.length === 0 && outside !== "") thoughts.push(outside);
  return { thoughts: thoughts.length === 0 ? null : thoughts.join("\n"), calls: calls(said) };
}
