import { expect, test } from "vitest";
import { docQaTable, evaluateDocQa } from "../../src/eval/doc-qa.ts";
import { fileOf, linesOf, scripted, watchTemporary } from "./support.ts";

const FILLER = "Nothing of note was ever written about this quiet place. ".repeat(25);

const HARMONICA = "harmonica ".repeat(5);

const PASSAGES = [
  { id: "p1", title: "Lighthouses", text: "The Bergen lighthouse was lit in 1881." },
  // In two pieces, each of which says more of harmonicas than the next passage does.
  { id: "p2", title: "Brass", text: `${HARMONICA}${FILLER}${HARMONICA}and the trombone, whose slide is called Zug.` },
  { id: "p3", title: "Reeds", text: `${FILLER.slice(0, 800)} A harmonica is small.` },
];

const QUESTIONS = [
  { question: "when was the bergen lighthouse lit", answers: ["1881"], passage_id: "p1" },
  { question: "trombone slide name", answers: ["Zug"], passage_id: "p2" },
  { question: "harmonica", answers: ["small"], passage_id: "p3" },
  { question: "zebra", answers: ["stripes"], passage_id: "p3" },
];

function data(questions: readonly unknown[] = QUESTIONS): { passages: string; questions: string } {
  return {
    passages: fileOf(linesOf(PASSAGES), "passages.jsonl"),
    questions: fileOf(linesOf(questions), "questions.jsonl"),
  };
}

test("a passage is found by any of its pieces, and counts once in the ranks of the others", async () => {
  const options = data(QUESTIONS.slice(0, 3));
  const left = watchTemporary();

  const report = await evaluateDocQa(options);

  expect(report).toMatchObject({ n: 3, recall: { "1": 0.6667, "5": 1, "10": 1, "20": 1 }, mrr: 0.8333 });
  expect(report).not.toHaveProperty("agent");
  expect(report.latency_ms.p50).toBeGreaterThan(0);
  expect(left()).toEqual([]);
});

test("what is not found counts nothing", async () => {
  const report = await evaluateDocQa(data([QUESTIONS[3]]));

  expect(report).toMatchObject({ n: 1, recall: { "1": 0, "20": 0 }, mrr: 0 });
});

test("an agent is asked each question afresh, and right if an answer stands in its reply as it is written", async () => {
  const { llm, make } = scripted([
    { call: "archival_memory_insert", args: { content: "I was asked about 1881.", request_heartbeat: true } },
    { call: "send_message", args: { message: "ANSWER: in 1881, DOCUMENT: The Bergen lighthouse" } },
    { call: "send_message", args: { message: "ANSWER: the zug" } },
  ]);

  const report = await evaluateDocQa({ ...data(), limit: 2, subject: { config: {}, llm: make } });

  expect(report.agent).toEqual({ model: "practice", n: 2, correct: 1, accuracy: 0.5 });
  expect(llm.remaining).toBe(0);
  const last = llm.seen.at(-1);
  expect(JSON.stringify(last)).not.toContain("1881");
  expect(last?.system).toContain("DOC-QA");
  expect(docQaTable(report)).toMatch(/practice +2 +1 +50\.0/);
});

test("a question about a passage that is not there is refused", async () => {
  await expect(evaluateDocQa(data([{ question: "?", answers: ["x"], passage_id: "p9" }]))).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("asks about passage p9, which is not in"),
  });
});
