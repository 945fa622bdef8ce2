import * as z from "zod";
import { MemGPTError } from "../errors.ts";
import type { Message } from "../schema/message.ts";
import type { Passage } from "../schema/passage.ts";
import type { AgentState } from "../schema/state.ts";

/** A message as an export contains it. Times are ISO 8601 in UTC. */
export type FoundMessage = {
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly createdAt?: string | undefined;
  readonly name?: string | undefined;
};

export type FoundPassage = { readonly text: string; readonly createdAt?: string | undefined };

export type FoundBlock = {
  readonly label: string;
  readonly value: string;
  readonly limit: number;
  readonly description?: string | undefined;
  readonly readOnly?: boolean | undefined;
};

/** The content of a file for one agent. */
export type FoundMemory = {
  /** The agent's name in the file; null if it has none. */
  readonly agent: string | null;
  readonly system?: string | undefined;
  /** Whether `system` is a complete prompt for memgpt, so that no other is put before it. */
  readonly systemIsOurs?: boolean | undefined;
  readonly blocks: readonly FoundBlock[];
  readonly conversations: number;
  readonly messages: readonly FoundMessage[];
  readonly passages: readonly FoundPassage[];
  /** From an agent file: the conversation with thoughts and calls, an alternative to `messages`. */
  readonly history?: FoundHistory | undefined;
  /** From our own export: the complete agent. */
  readonly whole?: WholeAgent | undefined;
  /** Servers that the agent will use once imported, as shown to a person. */
  readonly contacts?: readonly string[] | undefined;
};

/** A conversation as an agent stores it. `inContext`: ids of the messages that its model sees. */
export type FoundHistory = { readonly messages: readonly Message[]; readonly inContext: ReadonlySet<string> };

export type WholeAgent = {
  readonly state: AgentState;
  readonly messages: readonly Message[];
  readonly passages: readonly Passage[];
};

/** The content of a file, ready to import. */
export type ImportPlan = {
  /** The kind of file, as shown to a person. */
  readonly format: string;
  readonly memories: readonly FoundMemory[];
  /** What cannot be imported, as shown to a person. */
  readonly left: readonly string[];
};

/** Reads a list item by item, as it may be too long to be in memory as a whole. */
export type ListReader = {
  /** @param place The item's place, for errors. @throws Malformed */
  readonly add: (item: unknown, place: string) => void;
  /** The plan for the items so far. */
  readonly plan: () => ImportPlan;
};

/** What `reader` finds in a list. */
export function ofItems(reader: ListReader, items: unknown): ImportPlan {
  for (const [index, item] of shaped(z.array(z.unknown()), items).entries()) reader.add(item, `[${index}]`);
  return reader.plan();
}

/** An invalid part of a file. `reason` begins in lower case. */
export class Malformed extends MemGPTError {
  constructor(place: string, reason: string) {
    super("invalid_input", place === "" ? reason : `${place}: ${reason}`);
  }
}

/** Whether `value` is a list with an item that has this field. */
export function someItemHas(value: unknown, field: string): boolean {
  return Array.isArray(value) && value.some((item) => hasField(item, field));
}

export function hasField(value: unknown, field: string): boolean {
  return typeof value === "object" && value !== null && field in value;
}

/** Parses `value`. @throws Malformed, naming the first invalid place and why. */
export function shaped<T extends z.ZodType>(schema: T, value: unknown, place = ""): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues.map(narrowed)[0];
  const path = (issue?.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  throw new Malformed(
    `${place}${path}`.replace(/^\./, ""),
    issue === undefined ? "it cannot be read" : reasonOf(issue, value),
  );
}

const KINDS: Readonly<Record<string, string>> = {
  array: "a list",
  boolean: "true or false",
  int: "a whole number",
  number: "a number",
  object: "an object",
  record: "an object",
  string: "a text",
  undefined: "missing",
};

/** Of what may be one thing or another, the issue that is furthest inside: of the one that was meant. */
function narrowed(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== "invalid_union") return issue;
  const inside = issue.errors.flatMap(([first]) => (first === undefined ? [] : [narrowed(first)]));
  const deepest = inside.toSorted((a, b) => b.path.length - a.path.length)[0];
  return deepest === undefined || deepest.path.length === 0
    ? issue
    : { ...deepest, path: [...issue.path, ...deepest.path] };
}

/** Words a schema's error for people. */
function reasonOf(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === "invalid_union") return `it must be ${expectedIn(issue).join(" or ")}`;
  if (issue.code === "too_small" && issue.origin === "number")
    return `it must be ${issue.inclusive === true ? "at least" : "more than"} ${issue.minimum}`;
  if (issue.code === "invalid_value") return `it must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code !== "invalid_type") return issue.message;
  const found = issue.path.reduce<unknown>(
    (inside, key) => (inside as Readonly<Record<PropertyKey, unknown>>)[key],
    value,
  );
  const kind = found === null ? "null" : Array.isArray(found) ? "array" : typeof found;
  return `it must be ${KINDS[issue.expected] ?? issue.expected}, but is ${KINDS[kind] ?? kind}`;
}

function expectedIn({ errors }: z.core.$ZodIssueInvalidUnion): string[] {
  return errors.flatMap(([first]) => (first?.code === "invalid_type" ? [KINDS[first.expected] ?? first.expected] : []));
}

/** Parses seconds since 1970 or a text (UTC if it has no zone); undefined unless the year is 0 to 9999. */
export function timeIn(value: number | string | null | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  const isZoneless = typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(value);
  const time = new Date(typeof value === "number" ? value * 1000 : isZoneless ? `${value.replace(" ", "T")}Z` : value);
  const iso = Number.isNaN(time.getTime()) ? "" : time.toISOString();
  return /^\d{4}-/.test(iso) ? iso : undefined;
}

/** Rejects invalid times, which would sort a message or memory wrongly forever. */
export const timeSchema = z.union([z.string(), z.number()]).superRefine((value, context) => {
  if (value !== "" && timeIn(value) === undefined) {
    context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is not a time; write it as ISO 8601` });
  }
});

/** A plan of messages only. */
export function conversation(format: string, messages: readonly FoundMessage[], conversations: number): ImportPlan {
  const memory = { agent: null, blocks: [], conversations, messages, passages: [] };
  return { format, memories: [memory], left: [] };
}

/** A plan of passages only. */
export function facts(format: string, passages: readonly FoundPassage[]): ImportPlan {
  const memory = { agent: null, blocks: [], conversations: 0, messages: [], passages };
  return { format, memories: [memory], left: [] };
}
