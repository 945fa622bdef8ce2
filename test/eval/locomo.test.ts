import { expect, test } from "vitest";
import { evaluateLocomo, locomoTable } from "../../src/eval/locomo.ts";
import { fileOf, watchTemporary } from "./support.ts";

type Turn = { speaker: string; dia_id: string; text: string; blip_caption?: string };

function turn(speaker: string, id: string, text: string, caption?: string): Turn {
  return { speaker, dia_id: id, text, ...(caption === undefined ? {} : { blip_caption: caption }) };
}

/** Two conversations whose every question has exactly one turn, or none, that shares a word with it. */
const FILE = [
  {
    sample_id: "conv-1",
    conversation: {
      speaker_a: "Ann",
      speaker_b: "Bob",
      session_1_date_time: "1:56 pm on 8 May, 2023",
      session_1: [
        turn("Ann", "D1:1", "My kayak sank near Bergen."),
        turn("Bob", "D1:2", "Look at this!", "a photo of a lighthouse"),
      ],
      session_2_date_time: "12:05 am on 9 June, 2023",
      session_2: [turn("Bob", "D2:1", "I bought a trombone."), turn("Ann", "D2:2", "")],
      session_3_date_time: "12:20 am on 9 June, 2023",
      session_3: [turn("Ann", "D3:1", "Pottery class went well.")],
    },
    qa: [
      { question: "Which kayak sank?", answer: "hers", evidence: ["D1:1"], category: 4 },
      { question: "Who showed a lighthouse?", answer: "Bob", evidence: ["D1:2", "D2:1"], category: 1 },
      { question: "Any trombone?", answer: 7, evidence: ["D2:1; D1:1"], category: 2 },
      { question: "Zebras?", adversarial_answer: "none", evidence: [], category: 5 },
    ],
  },
  {
    sample_id: "conv-2",
    conversation: {
      session_1_date_time: "9:00 am on 1 January, 2024",
      session_1: [turn("Cid", "D1:1", "Nothing but snow here.")],
    },
    qa: [{ question: "Was there snow?", answer: "yes", evidence: ["D1:1"], category: 4 }],
  },
];

test("finds turns by words and captions, and compares evidence as written", async () => {
  const data = fileOf(FILE);
  const left = watchTemporary();

  const report = await evaluateLocomo({ data });

  // Found: all of D1:1; one of two; nothing, for the evidence is malformed; all of none; all of D1:1.
  const recall = (1 + 0.5 + 0 + 1 + 1) / 5;
  expect(report).toMatchObject({
    unit: "turn",
    n: 5,
    recall: { "5": recall, "10": recall, "25": recall, "50": recall },
    n_any: 4,
    any: { "1": 3 / 4, "5": 3 / 4, "10": 3 / 4 },
    by_category: {
      "single-hop": { id: 4, n: 2, recall: { "5": 1 } },
      "multi-hop": { id: 1, n: 1, recall: { "5": 0.5 } },
      temporal: { id: 2, n: 1, recall: { "5": 0 } },
      adversarial: { id: 5, n: 1, recall: { "5": 1 } },
    },
    by_conversation: { "conv-1": { n: 4, recall: { "10": 0.625 } }, "conv-2": { n: 1, recall: { "10": 1 } } },
  });
  expect(Object.keys(report.by_category)).not.toContain("open-domain");
  expect(report.latency_ms.p95).toBeGreaterThan(0);
  expect(left()).toEqual([]);
});

test("finds sessions by evidence cut to session numbers, even if minutes apart", async () => {
  const report = await evaluateLocomo({ data: fileOf(FILE), unit: "session" });

  // Evidence D2:1; D1:1 is of session 2 as the authors cut it. The lighthouse is in one of its two sessions; with few
  // sessions in all, whatever else is listed may be the other.
  expect(report).toMatchObject({ unit: "session", n: 5, n_any: 4, any: { "1": 1, "5": 1, "10": 1 } });
  expect(report.by_category).toMatchObject({
    temporal: { recall: { "5": 1 } },
    "single-hop": { recall: { "5": 1 } },
  });
});

test("names choose conversations, and a limit chooses questions", async () => {
  const data = fileOf(FILE);

  const one = await evaluateLocomo({ data, conversations: ["conv-2"] });
  const two = await evaluateLocomo({ data, limit: 2 });

  expect(one).toMatchObject({ n: 1, recall: { "5": 1 } });
  expect(two).toMatchObject({ n: 2, recall: { "5": 0.75 } });
  await expect(evaluateLocomo({ data, conversations: ["conv-9"] })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("no conversation conv-9. It has: conv-1, conv-2."),
  });
});

test("the table names categories with their numbers and says how many questions have evidence", async () => {
  const report = await evaluateLocomo({ data: fileOf(FILE) });

  const text = locomoTable(report);

  expect(text).toContain("single-hop (4)   2  100.0  100.0  100.0  100.0");
  expect(text).toContain("all questions    5   70.0   70.0   70.0   70.0");
  expect(text).toContain("4 of 5 questions have evidence");
});

test.each([
  ["a session that is no list of turns", { session_1: "hello", session_1_date_time: "1:56 pm on 8 May, 2023" }],
  ["a session without a time", { session_1: [turn("Ann", "D1:1", "Hi")] }],
  ["a time in another form", { session_1: [turn("Ann", "D1:1", "Hi")], session_1_date_time: "yesterday" }],
])("refuses %s", async (_, conversation) => {
  const data = fileOf([{ sample_id: "conv-1", conversation, qa: [] }]);

  await expect(evaluateLocomo({ data })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(/conv-1, session_1.*Nothing was measured/),
  });
});

test.each([
  ["no conversation", []],
  ["a conversation that nothing is asked about", [{ sample_id: "conv-1", conversation: {}, qa: [] }]],
])("refuses a file with %s instead of scoring it", async (_, content) => {
  const data = fileOf(content);

  await expect(evaluateLocomo({ data })).rejects.toMatchObject({
    code: "invalid_input",
    message: `${data} is empty. Nothing was measured.`,
  });
});

test("a stopped evaluation says so and leaves nothing behind", async () => {
  const data = fileOf(FILE);
  const left = watchTemporary();
  const stop = new AbortController();
  const onProgress = (done: number): void => {
    if (done === 2) stop.abort();
    // It is there while it is needed.
    expect(left()).toHaveLength(1);
  };

  const evaluating = evaluateLocomo({ data, signal: stop.signal, onProgress });

  await expect(evaluating).rejects.toMatchObject({ code: "interrupted" });
  expect(left()).toEqual([]);
});
