import type { MemoryChange, Popped } from "memgpt";
import { expect, test } from "vitest";
import {
  describeChange,
  describePopped,
  describeRedone,
  describeUndone,
} from "../../../src/cli/terminal/describe-change.ts";

const NOTHING: MemoryChange = {
  messages: { removed: 0, added: 0, rewritten: 0 },
  evicted: 0,
  blocks: [],
  passages: { removed: [], added: [] },
  settings: [],
};
const JAMES = { label: "human", before: "Likes tea\nBoyfriend named James", after: "Likes tea" };

function popped(count: number, more: Partial<Popped> = {}): Popped {
  const message = { id: "m", createdAt: "2026-11-21T12:00:00.000Z", role: "user", event: "heartbeat", content: "{}" };
  const messages: Popped["messages"] = Array.from({ length: count }, () => ({
    ...message,
    role: "user" as const,
    event: "heartbeat" as const,
  }));
  return {
    messages,
    asked: count,
    change: { ...NOTHING, messages: { removed: count, added: 0, rewritten: 0 } },
    kept: [],
    ...more,
  };
}

test("an empty change has no description", () => {
  expect(describeChange(NOTHING)).toBe("");
});

test.each([
  ["a removed line", JAMES, 'human: "Boyfriend named James" removed'],
  [
    "a restored line",
    { ...JAMES, before: JAMES.after, after: JAMES.before },
    'human: "Boyfriend named James" restored',
  ],
  ["a replaced line", { label: "human", before: "a\nJim\nb", after: "a\nJames\nb" }, 'human: "Jim" is "James" again'],
  ["only blank lines", { label: "human", before: "a\n\nb", after: "a\nb" }, "human restored"],
])("a block change lists its lines: %s", (_, block, text) => {
  expect(describeChange({ ...NOTHING, blocks: [block] })).toBe(text);
});

test("counts messages, passages and settings, and quotes the first passages", () => {
  const change: MemoryChange = {
    messages: { removed: 1, added: 2, rewritten: 3 },
    evicted: -13,
    blocks: [],
    passages: { removed: ["one\ntwo"], added: ["a", "b", "c", "d"] },
    settings: ["model: a → b", "system prompt"],
  };

  expect(describeChange(change)).toBe(
    '1 message removed; 2 messages restored; 3 messages reworded as before; 13 messages back in context; 1 archival passage removed ("one; two"); ' +
      '4 archival passages restored ("a", "b", "c" ...); model: a → b and system prompt',
  );
});

test("a pop says what it removed, why more or fewer than asked, and what it left alone", () => {
  expect(describePopped(popped(0))).toBe("Nothing to pop.");
  expect(describePopped(popped(3, { change: { ...NOTHING, blocks: [JAMES] } }))).toBe(
    'Popped 3 messages; human: "Boyfriend named James" removed.',
  );
  expect(describePopped(popped(4, { asked: 3 }))).toBe(
    "Popped 4 messages (3 would have separated a call from its return).",
  );
  expect(describePopped(popped(1, { asked: 3 }))).toBe("Popped 1 message (no more are in context).");
  expect(describePopped(popped(3, { kept: ["human"] }))).toBe(
    "Popped 3 messages; human is unchanged, because it was edited again since.",
  );
});

test("an undo names what it undid and how to redo it", () => {
  const at = "2026-11-21T12:00:00.000Z";
  const turn = { at, label: 'turn "my boyfriend James …"' };
  const change = { ...NOTHING, messages: { removed: 4, added: 0, rewritten: 0 }, blocks: [JAMES] };

  expect(describeUndone({ actions: [], change: NOTHING }, 1)).toBe("Nothing to undo.");
  expect(describeRedone({ actions: [], change: NOTHING })).toBe("Nothing to redo.");
  expect(describeUndone({ actions: [turn], change }, 1)).toBe(
    'Undid turn "my boyfriend James …": 4 messages removed; human: "Boyfriend named James" removed. /redo brings it back.',
  );
  expect(describeUndone({ actions: [turn, { at, label: "/pop 3" }], change: NOTHING }, 5)).toBe(
    'Undid 2 actions (turn "my boyfriend James …" and /pop 3) (there were no more). /redo brings them back.',
  );
  expect(describeRedone({ actions: [turn], change: NOTHING })).toBe(
    'Redid turn "my boyfriend James …". /undo undoes it again.',
  );
  expect(describeRedone({ actions: [{ at, label: "/pop 3" }, turn], change: NOTHING })).toBe(
    'Redid 2 actions (/pop 3 and turn "my boyfriend James …"). /undo undoes them again.',
  );
});
