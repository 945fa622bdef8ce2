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
test("scores turns like the original, with rank 2 weighing as much as rank 1", () => {
  const metrics = metricsOf(RANKED, CORPUS);

  expect(at(metrics, 1)).toEqual([0, 0, 0]);
  expect(at(metrics, 3)).toEqual([1, 0, 0.380094]);
  expect(at(metrics, 5)).toEqual([1, 0, 0.570141]);
  expect(at(metrics, 10)).toEqual([1, 1, 0.705533]);
});

// What the authors' evaluate_retrieval_turn2session gives: for k = 3 it looks at four turns, of three sessions.
test("scores turns as sessions like the original, down to k sessions", () => {
  const metrics = sessionMetricsOf(RANKED, CORPUS);

  expect(at(metrics, 1)).toEqual([0, 0, 0]);
  expect(at(metrics, 3)).toEqual([1, 1, 0.570141]);
  expect(at(metrics, 5)).toEqual([1, 1, 0.570141]);
  expect(at(metrics, 10)).toEqual([1, 1, 0.705533]);
});

test("a question without wanted units has perfect recall_all", () => {
  expect(at(metricsOf([1, 0], ["s1", "noans_a"]), 5)).toEqual([0, 1, 0]);
});

test.each([
  { ranked: RANKED, turns: 1 / 2, sessions: 1 / 2 },
  // Two turns of one session, and then the answer's.
  { ranked: [0, 1, 5], turns: 1 / 3, sessions: 1 / 2 },
  { ranked: [0, 1], turns: 0, sessions: 0 },
])("MRR counts $turns for turns and $sessions for sessions", (expected) => {
  expect(metricsOf(expected.ranked, CORPUS)["mrr"]).toBe(expected.turns);
  expect(sessionMetricsOf(expected.ranked, CORPUS)["mrr"]).toBe(expected.sessions);
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

test("ranks turns of the user next to BM25, and averages in the authors' two ways", async () => {
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

test("ranks sessions, even those minutes apart", async () => {
  const report = await evaluateLongMemEval({ data: fileOf(ENTRIES) });

  expect(report).toMatchObject({ unit: "session", n: 3, no_abstention: { n: 2 }, with_target: { n: 1 } });
  const { ours, bm25 } = report.with_target;
  expect(ours.session).toMatchObject({ "recall_any@1": 1, "recall_all@1": 1, "ndcg_any@1": 1 });
  expect(bm25.session).toMatchObject({ "recall_any@3": 1 });
  expect(ours).not.toHaveProperty("turn");
});

test("the table says which questions count", async () => {
  const text = longMemEvalTable(await evaluateLongMemEval({ data: fileOf(ENTRIES), unit: "turn", limit: 1 }));

  expect(text).toContain("without abstentions, n = 1");
  expect(text).toContain("and with a target in the user's turns, n = 1");
  expect(text).toMatch(/memgpt, turns( +100\.0){6} +1\.000/);
});

/**
 * Four questions that share sessions. What answers the second says more words of the first than its own answer does, and the
 * third has it, too, where it answers nothing: of that only the assistant spoke.
 */
const POOLED = [
  {
    question_id: "q1",
    question: "when do trombone lessons begin",
    haystack_session_ids: ["s1", "answer_1", "shared"],
    haystack_dates: ["2023/05/20 (Sat) 02:21", "2023/05/20 (Sat) 02:57", "2023/05/19 (Fri) 01:00"],
    haystack_sessions: [
      [user("apples and pears")],
      [user("good morning"), assistant("Hi"), user("a trombone needs oil", true)],
      [user("rain again today")],
    ],
  },
  {
    question_id: "q2",
    question: "Monday Lessons",
    haystack_session_ids: ["shared", "answer_2"],
    haystack_dates: ["2023/06/20 (Tue) 02:21", "2023/06/20 (Tue) 02:57"],
    haystack_sessions: [[user("rain again today")], [user("trombone lessons begin on monday", true)]],
  },
  {
    question_id: "q3",
    question: "what about zebras",
    haystack_session_ids: ["answer_3", "answer_2"],
    haystack_dates: ["2023/06/20 (Tue) 02:21", "2023/06/20 (Tue) 02:57"],
    haystack_sessions: [
      [user("hello there", false), assistant("Zebras are striped.")],
      [user("trombone lessons begin on monday")],
    ],
  },
  {
    question_id: "q4_abs",
    question: "which kayak",
    haystack_session_ids: ["answer_4_abs", "s1"],
    haystack_dates: ["2023/06/20 (Tue) 02:21", "2023/06/20 (Tue) 02:57"],
    haystack_sessions: [[user("we own canoes", true)], [user("apples and pears")]],
  },
];

// Six sessions: s1, answer_1, shared, answer_2, answer_3, answer_4_abs. For BM25 "trombone" weighs log(4.5 / 2.5), "lessons"
// and "begin" log(5.5 / 1.5), so answer_2 comes before answer_1, which is second. "Monday Lessons" is said nowhere with these
// capitals, and of equals the last comes first: answer_2 is third. Ours finds it first.
test.each([
  { unit: "session", rows: ["session"] },
  { unit: "turn", rows: ["session", "turn"] },
] as const)(
  "pooled, every $unit of all questions is ranked, and answers to other questions are distractors",
  async (shape) => {
    const { unit, rows } = shape;
    const data = fileOf(POOLED);
    const left = watchTemporary();

    const report = await evaluateLongMemEval({ data, unit, pooled: true });

    expect(report).toMatchObject({ unit, n: 4, pool: { sessions: 6, turns: 7, differing: 0 } });
    expect(report).toMatchObject({ no_abstention: { n: 3 }, with_target: { n: 2 } });
    const { ours, bm25 } = report.with_target;
    expect(Object.keys(ours).sort()).toEqual(rows);
    for (const row of rows) {
      expect(ours[row]).toMatchObject({ "recall_any@1": 0.5, "recall_all@3": 1, "ndcg_any@3": 1, mrr: 0.75 });
      // Rank 3 is worth 1 / log2(3).
      expect(bm25[row]).toMatchObject({ "recall_any@1": 0, "recall_all@3": 1, "ndcg_any@3": 0.8155, mrr: 0.4167 });
      // Nothing is wanted of the third question.
      expect(report.no_abstention.ours[row]).toMatchObject({
        "recall_any@1": 0.3333,
        "recall_all@1": 0.6667,
        mrr: 0.5,
      });
    }
    expect(left()).toEqual([]);
  },
);

test("without pooling, a question searches its own sessions only", async () => {
  const { with_target, ...report } = await evaluateLongMemEval({ data: fileOf(POOLED) });

  expect(report).not.toHaveProperty("pool");
  expect(with_target.ours.session).toMatchObject({ "recall_any@1": 1, mrr: 1 });
});

test("a recurring session keeps its first version, and the other version's words are not found", async () => {
  const [first] = POOLED;
  const other = {
    ...first,
    question_id: "q5",
    question: "whose tuba",
    haystack_session_ids: ["s1", "answer_1", "s9"],
    haystack_sessions: [
      [user("apples and pears")],
      [user("good morning"), assistant("Hi"), user("a trombone needs oil"), user("the tuba is hers", true)],
      [user("the tuba is blue")],
    ],
  };

  const report = await evaluateLongMemEval({ data: fileOf([first, other]), unit: "turn", pooled: true });

  expect(report).toMatchObject({ pool: { sessions: 4, turns: 5, differing: 1 }, with_target: { n: 2 } });
  const { ours, bm25 } = report.with_target;
  expect([ours.turn?.["recall_all@50"], bm25.turn?.["recall_all@50"]]).toEqual([0.5, 0.5]);
  expect(longMemEvalTable(report)).toContain("Session ids that recur with different words: 1;");
});

/** One question and so many sessions, of which the last but three answers it. */
function large(sessions: number) {
  const ids = Array.from({ length: sessions }, (_, n) => (n === sessions - 4 ? "answer" : `s${n}`));
  return {
    question_id: "q",
    question: "who plays bassoon",
    haystack_session_ids: ids,
    haystack_dates: ids.map(() => "2023/05/20 (Sat) 02:21"),
    haystack_sessions: ids.map((id, n) => [user(`day ${n}`), id === "answer" ? user("a bassoon", true) : user(" ")]),
  };
}

test("a pool imported in portions is searched as one, and progress covers both phases", async () => {
  const told: unknown[] = [];
  const onProgress = (...progress: unknown[]): unknown => told.push(progress);

  const report = await evaluateLongMemEval({ data: fileOf([large(2500)]), pooled: true, onProgress });

  expect(report.pool).toEqual({ sessions: 2500, turns: 2501, differing: 0 });
  expect(report.with_target).toMatchObject({ n: 1, ours: { session: { "recall_any@1": 1 } } });
  expect(report.with_target.bm25.session).toMatchObject({ "recall_any@1": 1 });
  expect(told).toEqual([
    [2500, undefined, "sessions added"],
    [1, 1],
  ]);
  expect(longMemEvalTable(report)).toContain("all 2,500 sessions in one store, with 2,501 turns of the user");
});

test("an interrupted pool leaves nothing behind", async () => {
  const data = fileOf(POOLED);
  const left = watchTemporary();
  const stop = new AbortController();
  const told: unknown[] = [];
  const onProgress = (done: number): void => {
    told.push(done);
    stop.abort();
  };

  const running = evaluateLongMemEval({ data, pooled: true, signal: stop.signal, onProgress });

  await expect(running).rejects.toMatchObject({ code: "interrupted", message: expect.stringMatching(/^Stopped/) });
  expect(told).toEqual([3]);
  expect(left()).toEqual([]);
});

test("refuses an entry with lists of different lengths", async () => {
  const data = fileOf([{ ...ENTRIES[0], haystack_dates: [] }]);

  await expect(evaluateLongMemEval({ data })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("differ in length"),
  });
});
