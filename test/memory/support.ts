import { modelOptionsSchema } from "../../src/schema/model-options.ts";
import type { AgentState, Message } from "memgpt";
import fc from "fast-check";

let ids = 0;
const nextId = (): string => `m${(ids += 1)}`;
const createdAt = "2026-11-21T12:00:00.000Z";

export function userMessage(message: string): Message {
  const content = JSON.stringify({ type: "user_message", message, time: "now" });
  return { id: nextId(), createdAt, role: "user", event: "user_message", content };
}

/** An assistant message with `returns.length` calls, and the return of each. */
export function exchange(thought: string, argument: string, returns: readonly string[]): Message[] {
  const calls = returns.map(() => ({
    id: nextId(),
    name: "core_memory_append",
    arguments: JSON.stringify({ content: argument }),
  }));
  const messages: Message[] = [{ id: nextId(), createdAt, role: "assistant", content: thought, calls }];
  for (const [index, message] of returns.entries()) {
    const content = JSON.stringify({ status: "OK", message, time: "now" });
    const callId = calls[index]?.id ?? "";
    messages.push({
      id: nextId(),
      createdAt,
      role: "function",
      callId,
      name: "core_memory_append",
      status: "OK",
      content,
    });
  }
  return messages;
}

const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.tuple(fc.constantFrom("a ", "word ", "漢字", "é", "🎉", '"\\'), fc.nat(3000)).map(([unit, n]) => unit.repeat(n)),
);

const group = fc.oneof(
  text.map((value) => [userMessage(value)]),
  fc
    .tuple(text, text, fc.oneof(fc.array(text, { maxLength: 3 }), fc.array(text, { minLength: 20, maxLength: 60 })))
    .map(([thought, argument, returns]) => exchange(thought, argument, returns)),
);

/** Well-formed queues of any messages, with texts from nothing to far more than a window. */
export const queues: fc.Arbitrary<Message[]> = fc.array(group, { maxLength: 25 }).map((groups) => groups.flat());

/** A state with `queue`, and blocks that hold `block`. */
export function stateWith(
  queue: readonly Message[],
  { contextWindow = 4096, block = "First name: Ana", system = "You remember. ".repeat(60) } = {},
): AgentState {
  const settings = {
    model: "scripted",
    endpoint: null,
    contextWindow,
    preset: "p",
    persona: "p",
    human: "h",
    embedding: { provider: "hash" as const, model: null, endpoint: null, dimensions: null },
    options: modelOptionsSchema().parse({}),
    keepCheckpoints: 50,
  };
  return {
    id: "a",
    name: "sam",
    createdAt,
    settings,
    system,
    functions: [],
    blocks: ["persona", "human"].map((label) => ({ label, value: block, limit: 100_000 })),
    queue: [...queue],
    shown: { recall: 0, archival: 0, modifiedAt: createdAt },
    pressure: { alerted: false, calibration: 1 },
    evicted: 0,
    greeted: true,
    heartbeatsPausedUntil: null,
    lastActiveAt: null,
  };
}
