import { spokenText } from "../memory/envelope.ts";
import type { Message } from "../schema/message.ts";
import type { FoundMessage } from "./plan.ts";

/** The speech in one of our messages, if any. */
export function spoken(message: Message): FoundMessage[] {
  const text = spokenText(message);
  if (text === undefined || text.trim() === "" || message.role === "function") return [];
  const { role, createdAt, name } = message;
  return [{ role, text, createdAt, ...(name === undefined ? {} : { name }) }];
}
