import type { AgentState, FunctionCall, Message } from "../../index.ts";

/** A message's words, as the person or the agent said them. */
export type SpokenLine = { readonly at: string; readonly who: "user" | "assistant"; readonly text: string };

/** What a message says: a person's words, or those passed to `send_message`. */
export function utterances(message: Message): SpokenLine[] {
  const at = message.createdAt;
  switch (message.role) {
    case "user":
      return message.event === "user_message" ? [{ at, who: "user", text: field(message.content, ["message"]) }] : [];
    case "assistant":
      return message.calls
        .filter(({ name }) => name === "send_message")
        .map((call) => ({ at, who: "assistant", text: field(call.arguments, ["message"]) }));
    case "function":
      return [];
  }
}

/** The last `count` messages in context, numbered so that the last is 1. */
export function renderDump({ queue }: AgentState, count: number): string {
  const shown = queue.slice(-count);
  const lines = shown.map((message, index) => `[${shown.length - index}] ${renderMessage(message)}`);
  return lines.length === 0 ? "The context is empty." : lines.join("\n");
}

function renderMessage(message: Message): string {
  switch (message.role) {
    case "user":
      return `${message.event}: ${field(message.content, ["message", "reason", "last_login"])}`;
    case "assistant": {
      const thought = message.content === null ? [] : [`thinks: ${message.content}`];
      return [...thought, ...message.calls.map(renderCall)].join("\n    ");
    }
    case "function":
      return `${message.name} ${message.status}: ${field(message.content, ["message"])}`;
  }
}

function renderCall({ name, arguments: args }: FunctionCall): string {
  return name === "send_message" ? `says: ${field(args, ["message"])}` : `calls ${name} ${args}`;
}

/** The first field of `names` in the envelope, or else the whole content. */
function field(content: string, names: readonly string[]): string {
  try {
    const envelope: unknown = JSON.parse(content);
    if (typeof envelope !== "object" || envelope === null) return content;
    const entries = Object.entries(envelope);
    for (const name of names) {
      const value: unknown = entries.find(([key]) => key === name)?.[1];
      if (typeof value === "string") return value;
    }
    return content;
  } catch {
    return content;
  }
}
