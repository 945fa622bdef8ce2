import type { AssistantMessage, Message, UserMessage } from "../../schema/message.ts";
import { isFields } from "./repair.ts";

/** Put before an assistant message that would come first: many chat templates require a user message there. */
const OPENING = "(The conversation goes on.)";

/**
 * The queue for a model without function calling: calls as the JSON that the model writes, returns as user messages, and
 * alternating roles, as many chat templates require.
 */
export function renderQueue(queue: readonly Message[]): Message[] {
  const rendered: (UserMessage | AssistantMessage)[] = [];
  for (const message of queue.map(render)) {
    const last = rendered.at(-1);
    if (last === undefined && message.role === "assistant") rendered.push(userText(message, OPENING));
    if (last !== undefined && last.role === message.role) rendered[rendered.length - 1] = merged(last, message);
    else rendered.push(message);
  }
  return rendered;
}

/** A user message with `content`, at the place of another message. */
export function userText({ id, createdAt }: Message, content: string): UserMessage {
  return { id: `${id}-told`, createdAt, role: "user", event: "system_alert", content };
}

/** An assistant message with `content`, at the place of another message. */
export function assistantText({ id, createdAt }: Message, content: string): AssistantMessage {
  return { id: `${id}-said`, createdAt, role: "assistant", content, calls: [] };
}

function render(message: Message): UserMessage | AssistantMessage {
  switch (message.role) {
    case "user":
      return message;
    case "function":
      return userText(message, `Return of ${message.name}: ${message.content}`);
    case "assistant":
      return { ...message, content: answerText(message), calls: [] };
  }
}

/** An answer as the model should have written it, because it imitates what is in its context. */
function answerText({ content, calls }: AssistantMessage): string {
  const thoughts = content ?? "";
  if (calls.length === 0) return JSON.stringify({ thoughts, function: null });
  const objects = calls.map(({ name, arguments: args }, index) => ({
    ...(index === 0 ? { thoughts } : {}),
    function: name,
    arguments: parsed(args),
  }));
  return JSON.stringify(objects.length === 1 ? objects[0] : objects);
}

/** The arguments as an object; malformed ones stay text, because the return complains about them. */
function parsed(args: string): unknown {
  try {
    const value: unknown = JSON.parse(args);
    return isFields(value) ? value : args;
  } catch {
    return args;
  }
}

function merged(a: UserMessage | AssistantMessage, b: UserMessage | AssistantMessage): UserMessage | AssistantMessage {
  return { ...a, content: `${a.content ?? ""}\n${b.content ?? ""}` };
}
