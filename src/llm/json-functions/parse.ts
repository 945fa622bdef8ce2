import type { FunctionSchema } from "../../schema/context.ts";
import { type ParsedCall, type ParsedObject, parseObjects } from "./call-object.ts";
import { markedCalls } from "./markup.ts";
import { beside, isFields, repaired, segments } from "./repair.ts";

/** An answer in JSON form. It has no calls only if it states that it calls nothing. */
export type ParsedAnswer = { readonly thoughts: string | null; readonly calls: readonly ParsedCall[] };

/** Why an answer could not be read, worded so that the model can correct it. */
export type ParseFault = { readonly fault: string; readonly looksLikeJson: boolean };

/**
 * Reads an answer in whatever form models write it: with text or fences around it, as several objects or a list, with other
 * names for the parts, with the model's own marks, or as JSON that is damaged or cut off. Never throws.
 */
export function parseAnswer(text: string, functions: readonly FunctionSchema[]): ParsedAnswer | ParseFault {
  if (text.trim() === "") return { fault: "Your answer was empty.", looksLikeJson: false };
  const marked = markedCalls(text, functions);
  if (marked !== undefined) return answer(marked.objects, marked.before.trim());
  const found = segments(text);
  const objects = found.flatMap(({ from, to }) => parseObjects(repaired(text.slice(from, to)), functions));
  if (calls(objects).length > 0) return answer(objects, beside(text, found));
  const whole = asOne(text, functions);
  if (calls(whole).length > 0) return answer(whole, text.slice(0, text.indexOf("{")).trim());
  if (objects.some(({ callsNothing }) => callsNothing === true)) return answer(objects, "");
  const looksLikeJson = /^\s*(?:```\w*\s*)?[[{]/.test(text);
  if (!looksLikeJson) return { fault: "Your answer was text without a JSON object.", looksLikeJson };
  if (objects.length === 0) return { fault: "Your answer was not valid JSON.", looksLikeJson };
  return { fault: 'Your JSON calls nothing: "function" is missing.', looksLikeJson };
}

/** The `message` in JSON that makes no call; undefined if it has none. */
export function messageIn(text: string): string | undefined {
  return segments(text)
    .map(({ from, to }) => repaired(text.slice(from, to)))
    .map((value) => (isFields(value) ? value["message"] : undefined))
    .find((message) => typeof message === "string" && message.trim() !== "") as string | undefined;
}

/** Reads from the first brace to the last as one object, because an extra quote hides where an object ends. */
function asOne(text: string, functions: readonly FunctionSchema[]): ParsedObject[] {
  const from = text.indexOf("{");
  const to = text.lastIndexOf("}") + 1;
  return from < 0 ? [] : parseObjects(repaired(text.slice(from, to > from ? to : undefined)), functions);
}

function calls(objects: readonly ParsedObject[]): ParsedCall[] {
  return objects.flatMap(({ call }) => call ?? []);
}

/** Text outside the JSON counts as the thought if there is no other. */
function answer(objects: readonly ParsedObject[], outside: string): ParsedAnswer {
  const thoughts = objects.flatMap((object) => object.thoughts).filter((thought) => thought.trim() !== "");
  if (thoughts.length === 0 && outside !== "") thoughts.push(outside);
  return { thoughts: thoughts.length === 0 ? null : thoughts.join("\n"), calls: calls(objects) };
}
