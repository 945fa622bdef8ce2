import { expect, test } from "vitest";
import { evaluateLongMemEval, longMemEvalTable } from "../../src/eval/longmemeval.ts";
import { type Metrics, averaged, metricsOf, sessionMetricsOf } from "../../src/eval/longmemeval-score.ts";
import { fileOf, watchTemporary } from "./support.ts";

const CORPUS = ["s1_1", "s1_3", "answer_a_1", "noans_a_3", "s2_1", "answer_b_1", "answer_b_3"];
const RANKED = [0, 2, 1, 6, 4, 3, 5];

function at(metrics: Metrics, k: number): number[] {
  const values = [metrics[`recall_any@${k}`], metrics[`recall_all@${k}`], metrics[`ndcg_any@${k}`]];
  return values.map((value) => Number((value ?? NaN).toFixed(6)));
}

// What the authors' evaluate_retrieval gives. Ideal gain for three: 1 + 1/log2(2) + 1/log2(3) = 2.630930.
test("turns are scored as the original does, rank 2 weighing as much as rank 1", () => {
  const metrics = metricsOf(RANKED, CORPUS);

  expect(at(metrics, 1)).toEqual([0, 0, 0]);
  expect(at(metrics, 3)).toEqual([1, 0, 0.380094]);
  expect(at(metrics, 5)).toEqual([1, 0, 0.570141]);
  expect(at(metrics, 10)).toEqual([1, 1, 0.705533]);
});

// What the authors' evaluate_retrieval_turn2session gives: for k = 3 it looks at four turns, of three sessions.
test("turns are scored as sessions as the original does, as far down as there are k sessions", () => {
  const metrics = sessionMetricsOf(RANKED, CORPUS);

  expect(at(metrics, 1)).toEqual([0, 0, 0]);
  expect(at(metrics, 3)).toEqual([1, 1, 0.570141]);
  expect(at(metrics, 5)).toEqual([1, 1, 0.570141]);
  expect(at(metrics, 10)).toEqual([1, 1, 0.705533]);
});

test("where nothing is wanted everything wanted is found", () => {
  expect(at(metricsOf([1, 0], ["s1", "noans_a"]), 5)).toEqual([0, 1, 0]);
});

test("averages are over questions", () => {
  expect(averaged([{ "recall_any@1": 1 }, { "recall_any@1": 0 }])).toEqual({ "recall_any@1": 0.5 });
  expect(averaged([])).toEqual({});
});

const user = (content: string, hasAnswer?: boolean) => ({
  role: "user",
  content,
  ...(hasAnswer === undefined ? {} : { has_answer: hasAnswer }),
});
const assistant = (content: string) => ({ role: "assistant", content });

/** Three questions: one to be found, one whose answer only the assistant gave, one about nothing that was said. */
const ENTRIES = [
  {
    question_id: "q1",
    question: "Where is my trombone ?",
    haystack_session_ids: ["s1", "answer_1", "s2"],
    haystack_dates: ["2023/05/20 (Sat) 02:21", "2023/05/20 (Sat) 02:57", "2023/05/19 (Fri) 01:00"],
    haystack_sessions: [
      [user("I like where I live"), assistant("My trombone is here.")],
      [user("Hello"), assistant("Hi"), user("The trombone is in the attic", true)],
      [user("my my my weather is bad")],
    ],
  },
  {
    question_id: "q2",
    question: "What did you say about zebras?",
    haystack_session_ids: ["answer_2", "s3"],
    haystack_dates: ["2023/05/20 (Sat) 02:21", "2023/05/22 (Mon) 02:57"],
    haystack_sessions: [[user("Tell me something", false), assistant("Zebras are striped.")], [user("Nice weather")]],
  },
  {
    question_id: "q3_abs",
    question: "Which kayak do I have?",
    haystack_session_ids: ["answer_3_abs", "s4"],
    haystack_dates: ["2023/05/20 (Sat) 02:21", "2023/05/22 (Mon) 02:57"],
    haystack_sessions: [[user("I have a canoe", true)], [user("   ")]],
  },
];

test("turns of the user are ranked, ours beside BM25, and averaged in the authors' two ways", async () => {
  const data = fileOf(ENTRIES);
  const left = watchTemporary();

  const report = await evaluateLongMemEval({ data, unit: "turn" });

  expect(report).toMatchObject({ unit: "turn", n: 3, no_abstention: { n: 2 }, with_target: { n: 1 } });
  const { ours, bm25 } = report.with_target;
  expect(ours.turn).toMatchObject({ "recall_any@1": 1, "recall_all@5": 1, "ndcg_any@5": 1 });
  expect(ours.session).toMatchObject({ "recall_any@1": 1, "recall_all@5": 1 });
  // Of four turns one has "trombone" and one has "my" three times, both words weighing log(3.5 / 1.5); "is" is in half of
  // them and weighs nothing. So the answer comes second, which the gain does not mind.
  expect(bm25.turn).toMatchObject({ "recall_any@1": 0, "recall_any@3": 1, "ndcg_any@3": 1 });
  // Nothing is wanted of the second question.
  expect(report.no_abstention.ours.turn).toMatchObject({ "recall_any@1": 0.5, "recall_all@1": 1, "ndcg_any@1": 0.5 });
  expect(left()).toEqual([]);
});

test("sessions are ranked, also those that are minutes apart", async () => {
  const report = await evaluateLongMemEval({ data: fileOf(ENTRIES) });

  expect(report).toMatchObject({ unit: "session", n: 3, no_abstention: { n: 2 }, with_target: { n: 1 } });
  const { ours, bm25 } = report.with_target;
  expect(ours.session).toMatchObject({ "recall_any@1": 1, "recall_all@1": 1, "ndcg_any@1": 1 });
  expect(bm25.session).toMatchObject({ "recall_any@3": 1 });
  expect(ours).not.toHaveProperty("turn");
});

test("the table says which questions are counted", async () => {
  const text = longMemEvalTable(await evaluateLongMemEval({ data: fileOf(ENTRIES), unit: "turn", limit: 1 }));

  expect(text).toContain("without abstentions, n = 1");
  expect(text).toContain("and with a target in the user's turns, n = 1");
  expect(text).toMatch(/memgpt, turns +100\.0/);
});

test("an entry whose lists differ in length is refused", async () => {
  const data = fileOf([{ ...ENTRIES[0], haystack_dates: [] }]);

  await expect(evaluateLongMemEval({ data })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("differ in length"),
  });
});
