import { type AgentEvent, type Message, envelopeText } from "../../index.ts";

/** The events that announced a stored message, for a client that missed them. */
export function storedEvents(message: Message): AgentEvent[] {
  if (message.role === "user") return [];
  if (message.role === "function") {
    const { id: messageId, callId, name, kind = "plain", status, content } = message;
    return [
      { type: "function_return", messageId, callId, name, kind, status, output: envelopeText(content) ?? content },
    ];
  }
  const thought: AgentEvent[] = message.content ? [{ type: "internal_monologue", text: message.content }] : [];
  const calls = message.calls.flatMap((call): AgentEvent[] => {
    const text = call.name === "send_message" ? envelopeText(call.arguments) : undefined;
    const called: AgentEvent = { type: "function_call", call };
    return text === undefined ? [called] : [called, { type: "assistant_message", text }];
  });
  return [...thought, ...calls];
}
