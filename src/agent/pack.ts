import { elapsed, localTime } from "../time/format.ts";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { InputEvent } from "../schema/events.ts";
import type { AssistantMessage, FunctionCall, FunctionMessage, SearchHit, UserMessage } from "../schema/message.ts";

/** Marks a message that the person neither wrote nor sees. */
const HIDDEN = "[This is an automated system message hidden from the user]";

export const HEARTBEAT_REASONS = {
  requested: `${HIDDEN} You asked for another step with request_heartbeat. Go on.`,
  failed: `${HIDDEN} A function call failed. Correct it or go another way.`,
  answered: `${HIDDEN} The functions that you called have returned. Go on.`,
  forced: `${HIDDEN} The person is still waiting for a reply. Use send_message.`,
} as const;

/** Tells a model that wrote text and called nothing how to send it. */
export const NUDGE: InputEvent = {
  type: "system_alert",
  alert: "nudge",
  message: `${HIDDEN} Your last text was kept as private thought: the person has not seen it. Say it with send_message.`,
};

const MEMORY_PRESSURE =
  `${HIDDEN} Memory pressure: the conversation is close to the size that fits in your context, and its oldest part will ` +
  "soon be trimmed. If something in it matters later, save it now with core_memory_append, core_memory_replace or " +
  "archival_memory_insert. Do not mention this to the person.";

/** Warns the model that the oldest messages will soon leave its context. */
export const MEMORY_ALERT: InputEvent = { type: "system_alert", alert: "memory_pressure", message: MEMORY_PRESSURE };

export type PackContext = { readonly newId: () => string; readonly now: string; readonly lastActiveAt: string | null };

/**
 * An event as the JSON envelope that the model reads, with keys in the original's order.
 *
 * @source memgpt 0.3 `system.py`, see the events in section 3.3 of the paper
 */
export function packEvent(event: InputEvent, { newId, now, lastActiveAt }: PackContext): UserMessage {
  const createdAt = event.time === undefined ? now : new Date(event.time).toISOString();
  const time = localTime(createdAt);
  const alert = event.type === "system_alert" && event.alert !== undefined ? { alert: event.alert } : {};
  const pack = (envelope: Record<string, string>): UserMessage => ({
    id: event.type === "user_message" ? (event.id ?? newId()) : newId(),
    createdAt,
    role: "user",
    event: event.type,
    ...alert,
    content: JSON.stringify({ type: event.type, ...envelope, time }),
  });
  switch (event.type) {
    case "user_message":
      return pack({ message: storable(event.message) });
    case "login":
      return pack({ last_login: lastLogin(lastActiveAt, createdAt) });
    case "heartbeat":
      return pack({ reason: event.reason });
    case "system_alert":
      return pack({ message: event.message });
  }
}

/** The return of a call as the model reads it. */
export function packReturn(
  call: FunctionCall,
  result: Pick<FunctionMessage, "kind" | "status"> & {
    readonly output: string;
    readonly hits?: readonly SearchHit[];
    readonly model?: string | undefined;
  },
  { newId, now }: Omit<PackContext, "lastActiveAt">,
): FunctionMessage {
  const { kind = "plain", status, output, hits = [], model } = result;
  const content = JSON.stringify({ status, message: storable(output), time: localTime(now) });
  const { id: callId, name } = call;
  const message = { id: newId(), createdAt: now, role: "function" as const, callId, name, kind, status };
  if (hits.length === 0) return { ...message, content };
  return { ...message, content, hits: [...hits], ...(model === undefined ? {} : { model }) };
}

/** A reply of an agent, as the call that would have sent it. */
export function packReply(text: string, { newId, now }: Omit<PackContext, "lastActiveAt">): AssistantMessage {
  const call = { id: newId(), name: SEND_MESSAGE, arguments: JSON.stringify({ message: storable(text) }) };
  return { id: newId(), createdAt: now, role: "assistant", content: null, calls: [call] };
}

function lastLogin(lastActiveAt: string | null, now: string): string {
  if (lastActiveAt === null) return "Never (first login)";
  const since = elapsed(lastActiveAt, now);
  return `${localTime(lastActiveAt)} (${since === "just now" ? since : `${since} ago`})`;
}

/** Text that every store and every wire accepts: no NUL, no lone surrogate. */
export function storable(text: string): string {
  return text.replaceAll("\0", "\uFFFD").toWellFormed();
}
