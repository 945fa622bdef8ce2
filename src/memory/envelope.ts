import { envelopeSchema } from "../schema/envelope.ts";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { Message } from "../schema/message.ts";

/**
 * The spoken text of `message`: a person's words, or the text of the `send_message` calls. Undefined for everything else
 * (events, monologue, function returns).
 */
export function spokenText(message: Message): string | undefined {
  if (message.role === "user") return message.event === "user_message" ? envelopeText(message.content) : undefined;
  if (message.role === "function") return undefined;
  const said = message.calls.filter((call) => call.name === SEND_MESSAGE).map((call) => envelopeText(call.arguments));
  const text = said.filter((part) => part !== undefined).join("\n");
  return text === "" ? undefined : text;
}

/** The `message` of a packed event, a return or the arguments of a call; undefined if `content` has none. */
export function envelopeText(content: string): string | undefined {
  const parsed = envelopeSchema().safeParse(parseJson(content));
  return parsed.success ? parsed.data.message : undefined;
}

/** The same envelope with another `message`. Content that is not an envelope is replaced as a whole. */
export function withEnvelopeText(content: string, message: string): string {
  const parsed = envelopeSchema().safeParse(parseJson(content));
  return parsed.success ? JSON.stringify({ ...parsed.data, message }) : message;
}

/** The value of a JSON text; undefined if it is not valid JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
