import type { AssistantMessage, Message, UserMessage } from "../../schema/message.ts";
import { isFields } from "./repair.ts";

/** The first message after the system prompt: many chat templates insist that it is the user's. */
const OPENING = "(The conversation goes on.)";

/**
 * The queue for a model that has no function calling: calls as the JSON the model writes, returns as messages of the user,
 * and the roles alternate, as many chat templates require.
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

/** A message of the user with that text, at the place of `other`. */
export function userText({ id, createdAt }: Message, content: string): UserMessage {
  return { id: `${id}-told`, createdAt, role: "user", event: "system_alert", content };
}

/** An answer in the words it was given in. */
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

/** An answer as the model should have written it, since it imitates what is in its context. */
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

/** What the model wrote, unchanged, if it is malformed: the return said so. */
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
