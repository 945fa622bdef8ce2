import type { Alert } from "../schema/alerts.ts";
import type { FunctionKind, FunctionMessage, Message } from "../schema/message.ts";

// Early versions stored neither the kind of an alert nor that of a function. Only this file infers them.

/** The kind of the system alert in `message`; undefined for other messages and unmarked alerts. */
export function alertOf(message: Message): Alert | undefined {
  if (message.role !== "user" || message.event !== "system_alert") return undefined;
  return message.alert ?? (UNMARKED_PRESSURE.test(message.content) ? "memory_pressure" : undefined);
}

/** The kind of the function that returned `message`. */
export function kindOf({ kind, name }: Pick<FunctionMessage, "kind" | "name">): FunctionKind {
  return kind ?? UNMARKED_KINDS.get(name) ?? "plain";
}

/** The beginning of the memory pressure warning that was stored without a kind. */
const UNMARKED_PRESSURE = /^\{"type":"system_alert","message":"\[[^\]]*\] Memory pressure: /;

/** The functions whose returns were stored without a kind. */
const UNMARKED_KINDS: ReadonlyMap<string, FunctionKind> = new Map([
  ["conversation_search", "search"],
  ["conversation_search_date", "search"],
  ["archival_memory_search", "search"],
  ["core_memory_append", "memory_write"],
  ["core_memory_replace", "memory_write"],
  ["archival_memory_insert", "memory_write"],
]);
