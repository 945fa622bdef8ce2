import type { FunctionSchema } from "../../schema/context.ts";
import { type ParsedObject, parseObjects } from "./call-object.ts";
import { isFields, repaired, segments } from "./repair.ts";

/**
 * The beginnings of calls that models write and their server leaves in the text.
 *
 * @source Hermes and Qwen: `<tool_call>{…}</tool_call>`, https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/825
 * @source Qwen3-Coder: `<tool_call><function=NAME><parameter=KEY>VALUE…`, https://github.com/lablup/mlxcel/issues/204
 * @source Llama 3.1: `<function=NAME>{…}</function>` and `<|python_tag|>{…}`
 * @source Mistral: `[TOOL_CALLS][{…}]` and `[TOOL_CALLS]NAME[ARGS]{…}`
 */
export const CALL_MARKS = [
  "<tool_call>",
  "<function_call>",
  "<function=",
  "<|tool_call|>",
  "<|python_tag|>",
  "[TOOL_CALLS]",
] as const;

export type MarkedCalls = { readonly before: string; readonly objects: readonly ParsedObject[] };

/** The calls between marks in a text, and the text before the first; undefined without any call. */
export function markedCalls(text: string, functions: readonly FunctionSchema[]): MarkedCalls | undefined {
  const starts = CALL_MARKS.map((mark) => text.indexOf(mark)).filter((at) => at >= 0);
  if (starts.length === 0) return undefined;
  const start = Math.min(...starts);
  const marked = text.slice(start);
  const tagged = [...marked.matchAll(/<function=([\w.]+)>((?:(?!<\/function>)[^])*)/g)];
  const objects =
    tagged.length > 0
      ? tagged.flatMap(([, name = "", body = ""]) =>
          parseObjects({ name, arguments: inTag(body, name, functions) }, functions),
        )
      : withoutTags(marked, functions);
  return objects.some(({ call }) => call !== undefined) ? { before: text.slice(0, start), objects } : undefined;
}

/** The arguments in a `<function=NAME>` tag: JSON, or one tag for each parameter. */
function inTag(body: string, name: string, functions: readonly FunctionSchema[]): unknown {
  const parameters = [...body.matchAll(/<parameter=([\w.]+)>((?:(?!<\/parameter>|<parameter=)[^])*)/g)];
  if (parameters.length === 0) return firstObject(body) ?? {};
  const properties = functions.find((schema) => schema.name === name)?.parameters["properties"];
  return Object.fromEntries(
    parameters.map(([, key = "", raw = ""]) => {
      const value = raw.replace(/^\n|\n$/g, "");
      const property = isFields(properties) ? properties[key] : undefined;
      const isText = isFields(property) && property["type"] === "string";
      return [key, isText ? value : (jsonOr(value) ?? value)];
    }),
  );
}

function withoutTags(marked: string, functions: readonly FunctionSchema[]): ParsedObject[] {
  const named = [...marked.matchAll(/\[TOOL_CALLS\]\s*([\w.]+)\s*(?:\[ARGS\])?\s*(?=\{)/g)];
  if (named.length > 0) {
    return named.flatMap(({ 0: { length }, 1: name = "", index }) =>
      parseObjects({ name, arguments: firstObject(marked.slice(index + length)) ?? {} }, functions),
    );
  }
  return segments(marked).flatMap(({ from, to }) =>
    parseObjects(repaired(withoutClosing(marked.slice(from, to))), functions),
  );
}

function firstObject(text: string): unknown {
  const [found] = segments(text);
  return found === undefined ? undefined : repaired(withoutClosing(text.slice(found.from, found.to)));
}

/** Removes a closing tag after JSON that was cut off. */
function withoutClosing(json: string): string {
  return json.replace(/\s*<\/(?:tool_call|function_call|function)>[^]*$/, "");
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
