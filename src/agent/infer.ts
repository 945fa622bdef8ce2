import { LONGEST_NAME } from "../functions/define.ts";
import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";
import { SEND_MESSAGE } from "../schema/built-in.ts";
import type { Completion } from "../schema/context.ts";
import type { AgentEvent } from "../schema/events.ts";
import type { FunctionCall, UserMessage } from "../schema/message.ts";
import { MessageStream } from "./message-stream.ts";
import { FIRST_MESSAGE_ATTEMPTS, firstMessageFault } from "./verify.ts";

/** Runs one inference. Yields what the person may see so far, and returns the whole answer. */
export async function* infer(llm: Llm, request: LlmRequest): AsyncGenerator<AgentEvent, Completion, void> {
  const stream = llm.complete(request);
  const show = deltaEvents();
  try {
    for (;;) {
      const { done, value } = await stream.next();
      if (done === true) return wellFormed(value, request);
      for (const event of show(value)) yield event;
    }
  } finally {
    // The caller may have stopped in the middle of the answer: do not pay for the rest.
    await stream.return(NOTHING);
  }
}

const NOTHING: Completion = { content: null, calls: [], usage: null, finishReason: "stop" };

/**
 * Runs the first inference of a brand-new agent. Repeats the request after a malformed answer, saying what was wrong, and shows
 * an answer only once it is accepted. The last attempt is accepted as it is.
 */
export async function* inferVerified(
  llm: Llm,
  request: LlmRequest,
  complain: (fault: string) => UserMessage,
): AsyncGenerator<AgentEvent, Completion, void> {
  const names = new Set(request.context.functions.map((schema) => schema.name));
  let queue = request.context.queue;
  for (let attempt = 1; attempt < FIRST_MESSAGE_ATTEMPTS; attempt += 1) {
    const held: AgentEvent[] = [];
    const stream = infer(llm, { ...request, context: { ...request.context, queue } });
    let next = await stream.next();
    for (; next.done !== true; next = await stream.next()) held.push(next.value);
    const fault = firstMessageFault(next.value, names);
    if (fault === undefined) {
      yield* held;
      return next.value;
    }
    const text = `The model's first answer was malformed; asking again (${attempt + 1} of ${FIRST_MESSAGE_ATTEMPTS}).`;
    yield { type: "notice", code: "first_message_retry", text };
    queue = [...queue, complain(fault)];
  }
  return yield* infer(llm, { ...request, context: { ...request.context, queue } });
}

/** Turns deltas into events for the person: the monologue, and the message inside `send_message`. */
function deltaEvents(): (delta: LlmDelta) => AgentEvent[] {
  const messages = new Map<number, MessageStream>();
  return (delta) => {
    switch (delta.type) {
      case "content":
      case "reasoning":
        return delta.text === "" ? [] : [{ type: "internal_monologue_delta", text: delta.text }];
      case "retry":
        messages.clear();
        return [{ type: "retry", reason: delta.reason, seconds: delta.seconds }];
      case "call":
        return spoken(delta);
    }
  };

  function spoken(delta: Extract<LlmDelta, { type: "call" }>): AgentEvent[] {
    if (delta.name !== SEND_MESSAGE) return [];
    const known = messages.get(delta.index);
    const message = known ?? new MessageStream();
    // A second message of the same answer is a new paragraph.
    const start = known === undefined && messages.size > 0 ? "\n\n" : "";
    messages.set(delta.index, message);
    const text = start + message.push(delta.arguments);
    return text === "" ? [] : [{ type: "assistant_message_delta", text, call: delta.index }];
  }
}

/**
 * The completion with unique call ids and names of bounded length. Some servers omit or repeat ids, even across requests; but
 * returns are matched to calls by id, and other servers refuse a conversation with a repeated one.
 */
function wellFormed(completion: Completion, { context }: LlmRequest): Completion {
  const seen = new Set<string>();
  const isKnown = (callId: string): boolean =>
    seen.has(callId) ||
    context.queue.some((message) => message.role === "assistant" && message.calls.some(({ id }) => id === callId));
  const calls = completion.calls.map((call, index): FunctionCall => {
    const id = call.id === "" || isKnown(call.id) ? `call_${index}_${crypto.randomUUID().slice(0, 8)}` : call.id;
    seen.add(id);
    return { ...call, id, name: call.name.slice(0, LONGEST_NAME) };
  });
  return { ...completion, calls };
}
