import fc from "fast-check";
import type { AgentState, FunctionSchema } from "memgpt";
import { expect, test } from "vitest";
import { builtInFunctions } from "../../src/functions/built-in.ts";
import { budget } from "../../src/memory/budget.ts";
import {
  assemble as assembleIn,
  contextTokens,
  frameAfter,
  frameOf,
  isMisleading,
  measure as measureIn,
  total,
} from "../../src/memory/main-context.ts";
import { queueTokens } from "../../src/memory/tokens.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import { readPreset } from "../../src/settings/presets.ts";
import { exchange, queues, stateWith, userMessage } from "./support.ts";

const schemas = builtInFunctions().map((fn) => fn.schema);

const assemble = (state: AgentState, functions: readonly FunctionSchema[]) =>
  assembleIn(state, frameOf(state, functions));
const measure = (state: AgentState, functions: readonly FunctionSchema[]) =>
  measureIn(state, frameOf(state, functions));

test("the frame is reused while only the queue grows, and rebuilt when anything in it changes", () => {
  const state = stateWith([userMessage("hi")], { block: "Likes tea." });
  const frame = frameOf(state, schemas);

  expect(frameAfter(frame, state, { ...state, queue: [], evicted: 3 })).toBe(frame);
  for (const after of [
    { ...state, system: "Be brief." },
    { ...state, blocks: [] },
    { ...state, shown: { ...state.shown, recall: 40 } },
    { ...state, pressure: { ...state.pressure, calibration: 1.3 } },
    { ...state, settings: { ...state.settings, contextWindow: 32_768 } },
  ]) {
    const next = frameAfter(frame, state, after);
    expect(next).toEqual(frameOf(after, schemas));
    expect(next).not.toEqual(frame);
  }
});

test("the assembled context never passes the window less the room for the reply, whatever the queue and the blocks", () => {
  const blocks = fc.oneof(
    fc.constant(""),
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.constantFrom("word ".repeat(5000), "漢".repeat(5000)),
  );
  fc.assert(
    fc.property(
      queues,
      blocks,
      fc.constantFrom(4096, 8192, 32_768),
      fc.constantFrom(0.7, 1, 1.6),
      (queue, block, contextWindow, calibration) => {
        const state = { ...stateWith(queue, { contextWindow, block }), pressure: { alerted: false, calibration } };

        const context = assemble(state, schemas);

        const { window, reply } = frameOf(state, schemas).budget;
        expect(contextTokens(context) * calibration).toBeLessThanOrEqual(window - reply + 1);
      },
    ),
    // A counterexample is named without minutes of shrinking.
    { interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
});

test.each([
  ["English", "A fact about the person. "],
  ["Russian", "Важный факт об этом человеке. "],
  ["Japanese", "この人についての大切な事実。"],
  ["Georgian", "მნიშვნელოვანი ფაქტი ამ ადამიანზე. "],
])("both blocks full of %s leave room for a message in the smallest window", async (_, fact) => {
  for (const calibration of [1, 1.2]) {
    const full = stateWith([userMessage("Where did we go last summer, and what was it called?")], {
      block: fact.repeat(100).slice(0, 1433),
      system: (await readPreset(homeAt("/nowhere"), "memgpt_chat")).system,
    });
    const state = { ...full, pressure: { alerted: false, calibration } };

    const { item, flushAt, queueAfterFlush } = frameOf(state, schemas).budget;

    expect(assemble(state, schemas).queue).toEqual(state.queue);
    expect(item).toBeGreaterThan(300);
    expect(queueAfterFlush).toBeGreaterThan(300);
    expect(total(measure(state, schemas))).toBeLessThan(flushAt - 600);
  }
});

test("refuses a prompt that leaves no room for a conversation, with advice", () => {
  const state = { ...stateWith([]), system: "word ".repeat(4000) };

  expect(() => assemble(state, schemas)).toThrow(/leave|take about \d+ of the 4096 tokens.*--context-window/);
});

test("the system message shows the blocks with their sizes, and the memory counts", () => {
  const state = stateWith([userMessage("hi")]);

  const { system, queue } = assemble({ ...state, shown: { ...state.shown, recall: 12, archival: 3 } }, schemas);

  expect(system).toContain('<human characters="15/100000">\nFirst name: Ana\n</human>');
  expect(system).toContain("12 previous messages");
  expect(system).toContain("3 memories");
  expect(queue).toEqual(state.queue);
});

test("a block too large for the context is shown cut, with a note and its full size", () => {
  const { system } = assemble(stateWith([], { block: "fact ".repeat(4000) }), schemas);

  expect(system).toContain('<human characters="20000/100000">');
  expect(system).toMatch(/\[\d+ more characters do not fit here\]/);
});

test("the provider's count scales every section alike", () => {
  const state = stateWith([userMessage("hello there")]);
  const plain = measure(state, schemas);

  const calibrated = measure({ ...state, pressure: { alerted: false, calibration: 1.5 } }, schemas);

  expect(total(calibrated)).toBeGreaterThan(total(plain) * 1.49);
  expect(total(calibrated)).toBeLessThan(total(plain) * 1.51 + 5);
});

test.each([
  [0, 0, false],
  [0, 1, true],
  [1, 0, true],
  [10, 19, false],
  [10, 20, true],
  [20, 10, true],
])("a count shown as %i when it is %i is misleading: %j", (shown, actual, misleading) => {
  expect(isMisleading(shown, actual)).toBe(misleading);
});

test("messages since the provider's last count are priced by the estimate, not by the calibration", () => {
  const said = Array.from({ length: 20 }, (_, n) => userMessage(`${n} more or less of the same. `.repeat(12)));
  const returned = exchange(
    "I look.",
    "x",
    [1, 2, 3, 4].map((n) => `${n} ${"found this ".repeat(400)}`),
  );
  const state = { ...stateWith([...said, ...returned]), pressure: { alerted: true, calibration: 0.5 } };

  const context = assemble(state, []);

  const { reply, window } = budget(4096, 0);
  const since = context.queue.slice(context.queue.findLastIndex(({ role }) => role === "assistant"));
  const [fresh, all] = [queueTokens(since), contextTokens(context)];
  expect(fresh).toBeGreaterThan(500);
  expect(fresh + (all - fresh) * 0.5).toBeLessThanOrEqual(window - reply);
});
