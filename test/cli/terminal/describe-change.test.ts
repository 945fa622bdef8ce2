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

test("a change that changed nothing has no words", () => {
  expect(describeChange(NOTHING)).toBe("");
});

test.each([
  ["a line that is gone", JAMES, 'human: "Boyfriend named James" is gone'],
  [
    "a line that is back",
    { ...JAMES, before: JAMES.after, after: JAMES.before },
    'human: "Boyfriend named James" is back',
  ],
  ["another line", { label: "human", before: "a\nJim\nb", after: "a\nJames\nb" }, 'human: "Jim" is "James" again'],
  ["the same lines in number", { label: "human", before: "a\n\nb", after: "a\nb" }, "human is again as before"],
])("a block is told by the lines that changed: %s", (_, block, text) => {
  expect(describeChange({ ...NOTHING, blocks: [block] })).toBe(text);
});

test("messages, passages and settings are counted, and the first passages named", () => {
  const change: MemoryChange = {
    messages: { removed: 1, added: 2, rewritten: 3 },
    evicted: -13,
    blocks: [],
    passages: { removed: ["one\ntwo"], added: ["a", "b", "c", "d"] },
    settings: ["model: a → b", "system prompt"],
  };

  expect(describeChange(change)).toBe(
    '1 message taken back; 2 messages back; 3 messages as worded then; 13 messages back in context; 1 archival passage taken back ("one; two"); ' +
      '4 archival passages back ("a", "b", "c" ...); model: a → b and system prompt',
  );
});

test("a pop says what it took from memory, why it took more or fewer than asked for, and what it left", () => {
  expect(describePopped(popped(0))).toBe("There is nothing to pop.");
  expect(describePopped(popped(3, { change: { ...NOTHING, blocks: [JAMES] } }))).toBe(
    'Popped 3 messages; human: "Boyfriend named James" is gone.',
  );
  expect(describePopped(popped(4, { asked: 3 }))).toBe(
    "Popped 4 messages (3 would have parted a call from its return).",
  );
  expect(describePopped(popped(1, { asked: 3 }))).toBe("Popped 1 message (there are no more in context).");
  expect(describePopped(popped(3, { kept: ["human"] }))).toBe(
    "Popped 3 messages; human stays as it is, as it was changed again afterwards.",
  );
});

test("an undo names what it undid and how to take that back", () => {
  const at = "2026-11-21T12:00:00.000Z";
  const turn = { at, label: 'turn "my boyfriend James …"' };
  const change = { ...NOTHING, messages: { removed: 4, added: 0, rewritten: 0 }, blocks: [JAMES] };

  expect(describeUndone({ actions: [], change: NOTHING }, 1)).toBe("There is nothing to undo.");
  expect(describeRedone({ actions: [], change: NOTHING })).toBe("There is nothing to redo.");
  expect(describeUndone({ actions: [turn], change }, 1)).toBe(
    'Undid turn "my boyfriend James …": 4 messages taken back; human: "Boyfriend named James" is gone. /redo brings it back.',
  );
  expect(describeUndone({ actions: [turn, { at, label: "/pop 3" }], change: NOTHING }, 5)).toBe(
    'Undid 2 actions (turn "my boyfriend James …" and /pop 3), which is all there was. /redo brings them back.',
  );
  expect(describeRedone({ actions: [turn], change: NOTHING })).toBe(
    'Did turn "my boyfriend James …" again. /undo takes it back.',
  );
  expect(describeRedone({ actions: [{ at, label: "/pop 3" }, turn], change: NOTHING })).toBe(
    'Did 2 actions (/pop 3 and turn "my boyfriend James …") again. /undo takes them back.',
  );
});
