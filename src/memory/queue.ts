import type { FunctionCall, Message } from "../schema/message.ts";
import type { AgentState } from "../schema/state.ts";
import { envelopeText, parseJson, withEnvelopeText } from "./envelope.ts";
import { messageTokens, prefixWithin, queueTokens } from "./tokens.ts";

/** The smallest size to which a message is cut, in tokens: enough to recognise it. */
const SMALLEST_ITEM = 48;

/** Index of the first real event, after the boot sequence that shows a new agent the form of its answers. */
export function firstEvent({ queue, evicted }: Pick<AgentState, "queue" | "evicted">): number {
  const first = queue.findIndex(({ role }) => role === "user");
  if (evicted > 0) return 0;
  return first < 0 ? queue.length : first;
}

/** The queue without the boot sequence. */
export function eventsOf(state: Pick<AgentState, "queue" | "evicted">): readonly Message[] {
  return state.queue.slice(firstEvent(state));
}

/** The messages evicted and kept, both oldest first. */
export type Eviction = { readonly evicted: readonly Message[]; readonly kept: readonly Message[] };

/**
 * Takes the oldest messages off the queue until the rest is estimated at no more than `tokens`. The newest exchange
 * always stays, and so does the person's newest message, which may still await its answer. A function call is never
 * separated from its returns.
 */
export function evict(queue: readonly Message[], tokens: number): Eviction {
  const question = queue.findLastIndex((message) => message.role === "user" && message.event === "user_message");
  const evicted: Message[] = [];
  let left = queueTokens(queue);
  let start = 0;
  while (left > tokens) {
    const end = groupEnd(queue, start);
    if (end >= queue.length) break;
    if (start !== question) {
      const group = queue.slice(start, end);
      left -= queueTokens(group);
      evicted.push(...group);
    }
    start = end;
  }
  const removed = new Set(evicted);
  return { evicted, kept: queue.filter((message) => !removed.has(message)) };
}

/** Index after the group that starts at `start`: one message, or an assistant message with the returns of its calls. */
function groupEnd(queue: readonly Message[], start: number): number {
  let end = start + 1;
  while (queue[end]?.role === "function") end += 1;
  return end;
}

/**
 * `message`, or a copy with its text cut to `tokens` and a pointer to where the whole is stored. Envelopes and arguments stay
 * valid JSON.
 */
export function cutMessage(message: Message, tokens: number): Message {
  if (messageTokens(message) <= tokens) return message;
  if (message.role === "assistant") {
    const share = Math.floor(tokens / (message.calls.length + 1));
    return {
      ...message,
      content: message.content === null ? null : prefixWithin(message.content, share),
      calls: message.calls.map((call) => cutCall(call, share)),
    };
  }
  const text = envelopeText(message.content);
  if (text === undefined) return { ...message, content: prefixWithin(message.content, Math.max(0, tokens - 4)) };
  const pointer = message.role === "function" ? "" : ` It is whole in recall storage (id ${message.id}).`;
  const overhead = messageTokens({ ...message, content: withEnvelopeText(message.content, "") }) + 40;
  const shown = prefixWithin(text, Math.max(0, tokens - overhead));
  const note = ` [cut: the first ${shown.length} of ${text.length} characters.${pointer}]`;
  return { ...message, content: withEnvelopeText(message.content, shown + note) };
}

function cutCall(call: FunctionCall, tokens: number): FunctionCall {
  const args = parseJson(call.arguments);
  if (typeof args !== "object" || args === null) return { ...call, arguments: "{}" };
  const entries = Object.entries(args);
  const share = Math.floor(tokens / Math.max(1, entries.length)) - 8;
  const cut = entries.map(([key, value]) => [
    key,
    typeof value === "string"
      ? prefixWithin(value, Math.max(0, share))
      : typeof value === "object"
        ? null
        : (value as unknown),
  ]);
  return { ...call, arguments: JSON.stringify(Object.fromEntries(cut)) };
}

/**
 * Makes a queue fit that is too long even after a flush: cuts the longest items to one size until the rest fits; if that is not
 * enough, hides the oldest exchanges, and then the first calls of the newest.
 */
export function fitQueue(queue: readonly Message[], tokens: number): readonly Message[] {
  if (queueTokens(queue) <= tokens) return queue;
  for (let cap = Math.floor(tokens / 2); cap >= SMALLEST_ITEM; cap = Math.floor(cap * 0.7)) {
    const cut = queue.map((message) => cutMessage(message, cap));
    if (queueTokens(cut) <= tokens) return cut;
  }
  const { kept } = evict(
    queue.map((message) => cutMessage(message, SMALLEST_ITEM)),
    tokens,
  );
  return withoutOldCalls(kept, tokens);
}

/** Hides the first calls of the newest exchange until it fits: it may have more than fit even when cut. */
function withoutOldCalls(queue: readonly Message[], tokens: number): readonly Message[] {
  const at = queue.findLastIndex((message) => message.role === "assistant");
  const newest = queue[at];
  if (queueTokens(queue) <= tokens || newest?.role !== "assistant" || newest.calls.length === 0) return queue;
  const [first, ...calls] = newest.calls;
  const rest = queue.slice(at + 1).filter((message) => !(message.role === "function" && message.callId === first?.id));
  return withoutOldCalls([...queue.slice(0, at), { ...newest, calls }, ...rest], tokens);
}
