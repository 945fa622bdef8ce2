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

/** What a file brings for one agent. */
export type FoundMemory = {
  /** What the agent is called there; null where the file names none. */
  readonly agent: string | null;
  readonly system?: string | undefined;
  /** Whether `system` is a prompt for memgpt, which needs no other before it. */
  readonly systemIsOurs?: boolean | undefined;
  readonly blocks: readonly FoundBlock[];
  readonly conversations: number;
  readonly messages: readonly FoundMessage[];
  readonly passages: readonly FoundPassage[];
  /** Of an agent file: the conversation with thoughts and calls, in place of `messages` where it is asked for. */
  readonly history?: FoundHistory | undefined;
  /** Of an export of ours: the agent as it was, to the last thought. */
  readonly whole?: WholeAgent | undefined;
  /** Servers that the agent talks to as soon as it is imported, for a person. */
  readonly contacts?: readonly string[] | undefined;
};

/** A conversation as an agent stores it. `inContext`: ids of the messages that its model sees. */
export type FoundHistory = { readonly messages: readonly Message[]; readonly inContext: ReadonlySet<string> };

export type WholeAgent = {
  readonly state: AgentState;
  readonly messages: readonly Message[];
  readonly passages: readonly Passage[];
};

/** What was found in a file. */
export type ImportPlan = {
  /** What the file is, for a person. */
  readonly format: string;
  readonly memories: readonly FoundMemory[];
  /** What cannot come along, for a person. */
  readonly left: readonly string[];
};

/** Part of a file that is not as it should be. `reason` begins in lower case. */
export class Malformed extends MemGPTError {
  constructor(place: string, reason: string) {
    super("invalid_input", place === "" ? reason : `${place}: ${reason}`);
  }
}

/** Whether it is a list, and an item of it has that field. */
export function someItemHas(value: unknown, field: string): boolean {
  return Array.isArray(value) && value.some((item) => typeof item === "object" && item !== null && field in item);
}

/** `value` as the schema says. @throws Malformed, naming the first place that is not as it should be, and why. */
export function shaped<T extends z.ZodType>(schema: T, value: unknown, place = ""): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  throw new Malformed(`${place}${path}`.replace(/^\./, ""), issue?.message ?? "it cannot be read");
}

/** A time in seconds since 1970, or as text; undefined if it is not a time of the years 0 to 9999. Without a zone it is UTC. */
export function timeIn(value: number | string | null | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  const isZoneless = typeof value === "string" && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/.test(value);
  const time = new Date(typeof value === "number" ? value * 1000 : isZoneless ? `${value.replace(" ", "T")}Z` : value);
  const iso = Number.isNaN(time.getTime()) ? "" : time.toISOString();
  return /^\d{4}-/.test(iso) ? iso : undefined;
}

/** Of a message or a memory: a wrong one would be sorted wrongly for ever. */
export const timeSchema = z.union([z.string(), z.number()]).superRefine((value, context) => {
  if (value !== "" && timeIn(value) === undefined) {
    context.addIssue({ code: "custom", message: `${JSON.stringify(value)} is not a time; write it as ISO 8601` });
  }
});

/** One that only brings what was said. */
export function conversation(format: string, messages: readonly FoundMessage[], conversations: number): ImportPlan {
  const memory = { agent: null, blocks: [], conversations, messages, passages: [] };
  return { format, memories: [memory], left: [] };
}

/** One that only brings facts. */
export function facts(format: string, passages: readonly FoundPassage[]): ImportPlan {
  const memory = { agent: null, blocks: [], conversations: 0, messages: [], passages };
  return { format, memories: [memory], left: [] };
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
