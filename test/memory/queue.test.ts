import fc from "fast-check";
import type { Message } from "memgpt";
import { expect, test } from "vitest";
import { cutMessage, evict, fitQueue } from "../../src/memory/queue.ts";
import { messageTokens, queueTokens } from "../../src/memory/tokens.ts";
import { exchange, queues, userMessage } from "./support.ts";

/** Ids of calls without a return or returns without a call, or of returns that do not follow their call at once. */
function parted(queue: readonly Message[]): string[] {
  const open = new Set<string>();
  const strays: string[] = [];
  for (const message of queue) {
    if (message.role === "function") {
      if (!open.delete(message.callId)) strays.push(message.callId);
      continue;
    }
    strays.push(...open);
    open.clear();
    if (message.role === "assistant") for (const call of message.calls) open.add(call.id);
  }
  return [...strays, ...open];
}

test("eviction never separates a call from its return, whatever the queue and the target", () => {
  fc.assert(
    fc.property(queues, fc.nat(6000), (queue, tokens) => {
      const { evicted, kept } = evict(queue, tokens);

      expect(parted(evicted)).toEqual([]);
      expect(parted(kept)).toEqual([]);
    }),
  );
});

test("eviction loses nothing, keeps the order, the newest exchange and the person's last message", () => {
  fc.assert(
    fc.property(queues, fc.nat(6000), (queue, tokens) => {
      const { evicted, kept } = evict(queue, tokens);

      expect([...evicted, ...kept].map((message) => message.id).sort()).toEqual(
        queue.map((message) => message.id).sort(),
      );
      expect(kept).toEqual(queue.filter((message) => kept.includes(message)));
      expect(kept.at(-1)).toBe(queue.at(-1));
      const question = queue.findLast((message) => message.role === "user");
      if (question !== undefined) expect(kept).toContain(question);
    }),
  );
});

test("eviction stops as soon as the rest fits", () => {
  const queue = Array.from({ length: 10 }, (_, n) => [
    userMessage(`message ${n}`),
    ...exchange("hm", "x", ["ok"]),
  ]).flat();
  const target = queueTokens(queue) / 2;

  const { evicted, kept } = evict(queue, target);

  expect(queueTokens(kept)).toBeLessThanOrEqual(target);
  const lastGroup = evicted.slice(evicted.findLastIndex((message) => message.role !== "function"));
  expect(queueTokens([...lastGroup, ...kept])).toBeGreaterThan(target);
});

test("a cut message says so, stays well-formed, and names where the whole one is", () => {
  const whole = userMessage("The quick brown fox. ".repeat(500));

  const cut = cutMessage(whole, 200);

  expect(messageTokens(cut)).toBeLessThanOrEqual(200);
  const envelope: unknown = JSON.parse(cut.content ?? "");
  expect(envelope).toMatchObject({
    type: "user_message",
    message: expect.stringMatching(
      /^The quick brown fox\..*\[cut: the first \d+ of 10500 characters\. It is whole in recall storage \(id m\d+\)\.\]$/,
    ),
  });
  expect(cut.id).toBe(whole.id);
});

test("a message that fits is returned unchanged", () => {
  const message = userMessage("short");

  expect(cutMessage(message, 100)).toBe(message);
});

test("any queue can be cut to any size from 200 tokens, keeping calls with their returns", () => {
  fc.assert(
    fc.property(queues, fc.integer({ min: 200, max: 4000 }), (queue, tokens) => {
      const shown = fitQueue(queue, tokens);

      expect(queueTokens(shown)).toBeLessThanOrEqual(tokens);
      expect(parted(shown)).toEqual([]);
      if (queue.length > 0) expect(shown.at(-1)?.id).toBe(queue.at(-1)?.id);
    }),
  );
});
