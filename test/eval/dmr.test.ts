import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { dmrTable, evaluateDmr } from "../../src/eval/dmr.ts";
import { fileOf, linesOf, scripted, watchTemporary } from "./support.ts";

const said = (...texts: string[]) => texts.map((text) => ({ text }));

const ENTRIES = [
  {
    previous_dialogs: [
      { dialog: said("I went surfing in Pacifica.", "Where did you eat?", "At Taco Bell!") },
      { dialog: said("My dog is ill.", "Oh no") },
    ],
    dialog: said("Hello again", "Hi"),
    self_instruct: { B: "Remember when we surfed? Where did you eat?", A: "Taco Bell!" },
  },
  {
    previous_dialogs: [],
    dialog: said("I play chess", "Me too"),
    self_instruct: { B: "Which game do you play?", A: "Chess" },
  },
];

const say = (message: string) => ({ call: "send_message", args: { message } });

test("an agent searches its words as speaker A, and a judge compares its answer with the gold one", async () => {
  const data = fileOf(linesOf(ENTRIES), "msc.jsonl");
  const left = watchTemporary();
  const { llm, make } = scripted([
    { call: "conversation_search", args: { query: "Taco Bell", request_heartbeat: true } },
    say("We had lunch at Taco Bell, by the beach."),
    say("I do not remember."),
  ]);
  const judge = new ScriptedLlm([
    { think: "It names the place. CORRECT" },
    { think: "It is not a correct answer, it names no game. WRONG" },
  ]);

  const report = await evaluateDmr({ data, subject: { config: {}, llm: make }, judge });

  expect(report).toMatchObject({ model: "practice", judge: "scripted", n: 2, accuracy: 0.5, unclear: 0 });
  expect(report.rouge_l_recall).toBe(0.5);
  expect([llm.remaining, judge.remaining]).toEqual([0, 0]);
  const found = llm.seen[1]?.queue.map(({ content }) => content ?? "").join();
  expect(found).toContain("assistant - At Taco Bell!");
  const asked = judge.seen[0]?.queue[0]?.content ?? "";
  expect(asked).toContain("Gold answer: Taco Bell!\nGenerated answer: We had lunch at Taco Bell, by the beach.");
  expect(judge.seen[0]?.functions).toEqual([]);
  expect(dmrTable(report)).toContain("50.0");
  expect(left()).toEqual([]);
});

test("an unclear verdict counts as wrong and is reported", async () => {
  const data = fileOf(linesOf(ENTRIES.slice(1)), "msc.jsonl");
  const { make } = scripted([say("Chess, of course.")]);
  const judge = new ScriptedLlm([{ think: "Well." }]);

  const report = await evaluateDmr({ data, subject: { config: {}, llm: make }, judge });

  expect(report).toMatchObject({ n: 1, accuracy: 0, unclear: 1, rouge_l_recall: 1 });
  expect(dmrTable(report)).toContain("1 unclear verdict counts as wrong.");
});

test("INCORRECT is not CORRECT", async () => {
  const data = fileOf(linesOf(ENTRIES.slice(1)), "msc.jsonl");
  const { make } = scripted([say("Go.")]);

  const judge = new ScriptedLlm([{ think: "The gold answer is another one: INCORRECT." }]);

  expect(await evaluateDmr({ data, subject: { config: {}, llm: make }, judge })).toMatchObject({
    accuracy: 0,
    unclear: 0,
  });
});

test("without a judge only ROUGE-L is measured", async () => {
  const data = fileOf(linesOf(ENTRIES), "msc.jsonl");

  const report = await evaluateDmr({ data, subject: { config: {} }, limit: 1 });

  expect(report).toMatchObject({ model: "practice", n: 1, judge: null, accuracy: null, unclear: 0 });
  expect(dmrTable(report)).toContain("not judged");
});
