import { MemGPTError } from "../errors.ts";
import { spokenText, withEnvelopeText } from "../memory/envelope.ts";
import { frameOf } from "../memory/main-context.ts";
import { cutMessage, eventsOf } from "../memory/queue.ts";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { FunctionSchema } from "../schema/context.ts";
import type { AssistantMessage, Message, UserMessage } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import type { RecallStorage } from "../ports/recall.ts";

/** A replaced text, before and after. */
export type Rewritten = { readonly before: string | null; readonly after: string };

/** The newest message of the agent. @throws MemGPTError `not_found`. */
export function newestAnswer(state: AgentState): AssistantMessage {
  const found = eventsOf(state).findLast((message) => message.role === "assistant");
  if (found !== undefined) return found;
  throw new MemGPTError("not_found", `${state.name} has not answered yet. Nothing was changed.`);
}

/** The newest message in which the agent said something. @throws MemGPTError `not_found`. */
export function newestReply(state: AgentState): AssistantMessage {
  const found = eventsOf(state).findLast(
    (message) => message.role === "assistant" && spokenText(message) !== undefined,
  );
  if (found?.role === "assistant") return found;
  throw new MemGPTError("not_found", `The context of ${state.name} has no reply. Nothing was changed.`);
}

/** The whole message from recall, because in the queue it may be cut. */
export async function wholeOf(message: AssistantMessage, recall: RecallStorage): Promise<AssistantMessage> {
  const whole = await recall.get(message.id);
  return whole?.role === "assistant" ? whole : message;
}

/** The message as the queue of `state` holds it: cut if it is too large for one item. */
export function shownAs(message: Message, state: AgentState, schemas: readonly FunctionSchema[]): Message {
  return cutMessage(message, frameOf(state, schemas).budget.item / state.pressure.calibration);
}

/** `message` with another text in its last `send_message`. */
export function withReply(message: AssistantMessage, text: string): AssistantMessage {
  const at = message.calls.findLastIndex(({ name }) => name === SEND_MESSAGE);
  const calls = message.calls.map((call, index) => {
    if (index !== at) return call;
    const rewritten = withEnvelopeText(call.arguments, text);
    return { ...call, arguments: rewritten === text ? JSON.stringify({ message: text }) : rewritten };
  });
  return { ...message, calls };
}

/** `message` with another text: that of the person or event, the agent's reply, or else its thought. */
export function withText(message: AssistantMessage | UserMessage, text: string): AssistantMessage | UserMessage {
  if (message.role === "user") return { ...message, content: withEnvelopeText(message.content, text) };
  return replyOf(message) === null ? { ...message, content: text } : withReply(message, text);
}

/** The text of the last `send_message` of `message`. */
export function replyOf(message: AssistantMessage): string | null {
  const call = message.calls.findLast(({ name }) => name === SEND_MESSAGE);
  return call === undefined ? null : (spokenText({ ...message, calls: [call] }) ?? null);
}
