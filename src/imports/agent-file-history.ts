import * as z from "zod";
import { parseJson } from "../memory/envelope.ts";
import type { Message } from "../schema/message.ts";
import { callSchema, contentOf, contentSchema } from "./agent-file-content.ts";
import { type FoundHistory, timeIn, timeSchema } from "./plan.ts";

/** Fields of a message in an agent file. */
export const historyFields = {
  id: z.string().nullish(),
  role: z.enum(["user", "assistant", "system", "tool", "function", "approval", "summary"]),
  content: contentSchema,
  tool_calls: z.array(callSchema).nullish(),
  tool_call_id: z.string().nullish(),
  tool_returns: z.array(z.object({ status: z.string().nullish() }).loose()).nullish(),
  created_at: timeSchema.nullish(),
  name: z.string().nullish(),
};
export type FileMessage = z.infer<z.ZodObject<typeof historyFields>>;

/** The messages of a file in the form that an agent stores, including thoughts and calls. `shown`: ids of those in context. */
export function historyOf(messages: readonly FileMessage[], shown: ReadonlySet<string>): FoundHistory {
  const called = new Map(
    messages.flatMap(({ tool_calls }) =>
      (tool_calls ?? []).map((call) => [call.id ?? "", call.function.name] as const),
    ),
  );
  const found = messages.flatMap((message) => {
    const stored = storedAs(message, called);
    return stored === undefined ? [] : [{ stored, isShown: message.id != null && shown.has(message.id) }];
  });
  return {
    messages: found.map(({ stored }) => stored),
    inContext: new Set(found.flatMap(({ stored, isShown }) => (isShown ? [stored.id] : []))),
  };
}

const envelope = z.looseObject({ type: z.enum(["user_message", "login", "heartbeat", "system_alert"]) });

/** Undefined for messages outside the conversation: prompts, approvals, empty texts. */
function storedAs(message: FileMessage, called: ReadonlyMap<string, string>): Message | undefined {
  const text = contentOf(message);
  const createdAt = timeIn(message.created_at) ?? new Date().toISOString();
  const id = crypto.randomUUID();
  switch (message.role) {
    case "user": {
      const packed = envelope.safeParse(parseJson(text));
      if (!packed.success) return text === "" ? undefined : plainMessage("user", text, createdAt);
      return { id, createdAt, role: "user", event: packed.data.type, content: text };
    }
    case "assistant": {
      const calls = (message.tool_calls ?? []).map(({ id: callId, function: { name, arguments: args } }) => {
        return { id: callId ?? crypto.randomUUID(), name, arguments: args };
      });
      // Newer agents answer without a call.
      if (calls.length === 0) return text === "" ? undefined : plainMessage("assistant", text, createdAt);
      return { id, createdAt, role: "assistant", content: text === "" ? null : text, calls };
    }
    case "tool": {
      const callId = message.tool_call_id ?? "";
      const status = message.tool_returns?.[0]?.status === "error" ? "Failed" : "OK";
      const name = message.name ?? called.get(callId) ?? "unknown";
      return { id, createdAt, role: "function", callId, name, status, content: text };
    }
    case "approval":
    case "function":
    case "summary":
    case "system":
      return undefined;
  }
}

/** A spoken message in the form that an agent stores. */
export function plainMessage(role: string, text: string, createdAt = new Date().toISOString()): Message {
  const id = crypto.randomUUID();
  if (role === "assistant") {
    const call = { id: crypto.randomUUID(), name: "send_message", arguments: JSON.stringify({ message: text }) };
    return { id, createdAt, role: "assistant", content: null, calls: [call] };
  }
  const event = role === "user" ? "user_message" : "system_alert";
  const content = JSON.stringify({ type: event, message: text, time: createdAt });
  return { id, createdAt, role: "user", event, content };
}
