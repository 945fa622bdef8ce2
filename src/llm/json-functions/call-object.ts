import type { FunctionSchema } from "../../schema/context.ts";
import { THOUGHT_PARAMETERS } from "./arguments-reader.ts";
import { ARGUMENT_KEYS, NAME_KEYS, THOUGHT_KEYS } from "./keys.ts";
import { type Fields, isFields, repaired } from "./repair.ts";

export type ParsedCall = { readonly name: string; readonly arguments: Fields };

/** The meaning of one object of an answer. */
export type ParsedObject = {
  readonly thoughts: readonly string[];
  readonly call?: ParsedCall;
  /** Whether it states explicitly that it calls nothing. */
  readonly callsNothing?: boolean;
};

const LIST_KEYS = ["tool_calls", "function_calls", "calls", "functions", "actions"];
const DEEPEST = 3;

/** The meaning of a JSON value written as an answer, whatever names its parts have. */
export function parseObjects(value: unknown, functions: readonly FunctionSchema[], depth = 0): ParsedObject[] {
  if (depth > DEEPEST) return [];
  if (Array.isArray(value)) return value.flatMap((item) => parseObjects(item, functions, depth + 1));
  if (!isFields(value)) return [];
  const list = LIST_KEYS.map((key) => value[key]).find((candidate) => Array.isArray(candidate));
  if (list !== undefined) return [{ thoughts: thoughtsOf(value) }, ...parseObjects(list, functions, depth + 1)];
  return [parseObject(value, functions)];
}

function parseObject(fields: Fields, functions: readonly FunctionSchema[]): ParsedObject {
  const thoughts = thoughtsOf(fields);
  const key = presentKey(fields, NAME_KEYS);
  const inner = key === undefined ? undefined : fields[key];
  const holder = isFields(inner) ? inner : fields;
  const nameKey = isFields(inner) ? presentKey(inner, NAME_KEYS) : key;
  const name = nameOf(nameKey === undefined ? undefined : holder[nameKey]);
  if (name === undefined || nameKey === undefined) return unnamed(fields, thoughts, functions);
  const own = presentKey(holder, ARGUMENT_KEYS);
  const outer = presentKey(fields, ARGUMENT_KEYS);
  if (own !== undefined) return calling(name, argumentsIn(holder[own], name, functions), thoughts);
  if (outer !== undefined) return calling(name, argumentsIn(fields[outer], name, functions), thoughts);
  return calling(name, withoutParts(holder, nameKey), thoughts);
}

/** An object whose only key is the function's name, or one without a call. */
function unnamed(fields: Fields, thoughts: readonly string[], functions: readonly FunctionSchema[]): ParsedObject {
  const key = functions.map(({ name }) => name).find((name) => Object.hasOwn(fields, name) && isFields(fields[name]));
  if (key !== undefined) return calling(key, argumentsIn(fields[key], key, functions), thoughts);
  const value = fields["function"];
  const isNone = value === null || (typeof value === "string" && /^(?:none|null)?$/i.test(value.trim()));
  return { thoughts, callsNothing: isNone };
}

function calling(name: string, args: Fields, thoughts: readonly string[]): ParsedObject {
  const isThought = ([key, value]: [string, unknown]): boolean =>
    THOUGHT_PARAMETERS.has(key) && typeof value === "string";
  const entries = Object.entries(args);
  const own = entries.filter(isThought).map(([, value]) => String(value));
  const rest = Object.fromEntries(entries.filter((entry) => !isThought(entry)));
  return { thoughts: [...thoughts, ...own], call: { name, arguments: rest } };
}

/** Reads arguments written as an object, as a string of JSON, or as the one string that a function needs. */
function argumentsIn(value: unknown, name: string, functions: readonly FunctionSchema[]): Fields {
  if (isFields(value)) return value;
  if (typeof value !== "string") return {};
  const object = /^\s*\{/.test(value) ? repaired(value) : undefined;
  if (isFields(object)) return object;
  const required = functions.find((schema) => schema.name === name)?.parameters["required"];
  const needed: unknown[] = Array.isArray(required) ? required.filter((key) => key !== "request_heartbeat") : [];
  const [only] = needed;
  return typeof only === "string" && needed.length === 1 ? { [only]: value } : {};
}

function thoughtsOf(fields: Fields): string[] {
  return [...THOUGHT_KEYS]
    .map((key) => (Object.hasOwn(fields, key) ? fields[key] : undefined))
    .filter((value) => typeof value === "string");
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const name = value
    .trim()
    .replace(/^functions?\./, "")
    .replace(/\(.*$/s, "");
  return name === "" || /^(?:none|null)$/i.test(name) ? undefined : name;
}

/** Arguments written beside the name instead of in an object of their own. */
function withoutParts(fields: Fields, nameKey: string): Fields {
  const parts = new Set([...THOUGHT_KEYS, nameKey, "type", "id"]);
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !parts.has(key)));
}

function presentKey(fields: Fields, keys: ReadonlySet<string>): string | undefined {
  return [...keys].find((key) => Object.hasOwn(fields, key) && fields[key] !== null);
}
