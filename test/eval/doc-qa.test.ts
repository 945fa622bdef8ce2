import { type Embedder, createEmbedder } from "memgpt";
import { describe, expect, test } from "vitest";
import { docQaTable, evaluateDocQa } from "../../src/eval/doc-qa.ts";
import { type Behaviour, embeddings, modelServer, refuse, stall } from "../support/model-server.ts";
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

test("any piece finds its passage, which counts once in the ranks of others", async () => {
  const options = data(QUESTIONS.slice(0, 3));
  const left = watchTemporary();

  const report = await evaluateDocQa(options);

  expect(report).toMatchObject({ n: 3, recall: { "1": 0.6667, "5": 1, "10": 1, "20": 1 }, mrr: 0.8333 });
  expect(report).not.toHaveProperty("agent");
  expect(report.embedding).toEqual({ model: "hash-1024", dimensions: 1024, without_vector: 0 });
  expect(report.latency_ms.p50).toBeGreaterThan(0);
  expect(left()).toEqual([]);
});

test("a passage that is not found scores 0", async () => {
  const report = await evaluateDocQa(data([QUESTIONS[3]]));

  expect(report).toMatchObject({ n: 1, recall: { "1": 0, "20": 0 }, mrr: 0 });
});

test("asks each question independently, and accepts a reply that contains an answer verbatim", async () => {
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

test("without a model a driver answers with the best sentence, or says that it found no answer", async () => {
  const report = await evaluateDocQa({ ...data(), subject: { config: {} } });

  expect(report.agent).toEqual({ model: "doc-qa-driver", n: 4, correct: 2, accuracy: 0.5 });
});

test("refuses a question about a missing passage", async () => {
  await expect(evaluateDocQa(data([{ question: "?", answers: ["x"], passage_id: "p9" }]))).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("asks about passage p9, which is not in"),
  });
});

describe("with the embedding of a server", () => {
  /** What texts are about, in this model's view: one number each. */
  const TOPICS = [/hound|puppy/i, /boat|sail/i];

  const byMeaning: Behaviour = (response, request) => {
    const texts = request.body["input"] as string[];
    embeddings(texts.map((text) => TOPICS.map((topic) => (topic.test(text) ? 1 : 0.01))))(response, request);
  };

  const files = (): { passages: string; questions: string } => ({
    passages: fileOf(
      linesOf([
        { id: "p1", title: "Argos", text: "A hound waits for its master." },
        { id: "p2", title: "Nausicaa", text: "A boat was lent to a stranger." },
      ]),
      "passages.jsonl",
    ),
    questions: fileOf(
      linesOf([
        { question: "whose puppy", answers: ["Odysseus"], passage_id: "p1" },
        { question: "sailing", answers: ["lent"], passage_id: "p2" },
      ]),
      "questions.jsonl",
    ),
  });

  async function served(script: readonly Behaviour[]): Promise<{ embedder: Embedder; asked: () => unknown[] }> {
    const { endpoint, seen } = await modelServer(script);
    const settings = { provider: "openai", model: "by-meaning", endpoint, dimensions: null } as const;
    const embedder = createEmbedder(settings);
    return { embedder, asked: () => seen.map(({ body }) => body["input"]) };
  }

  test("finds the same meaning in other words, and the report names the model", async () => {
    const { embedder, asked } = await served([byMeaning]);
    const told: unknown[] = [];
    const onProgress = (...progress: unknown[]): unknown => told.push(progress);

    const report = await evaluateDocQa({ ...files(), embedder, onProgress });

    expect(report).toMatchObject({ n: 2, recall: { "1": 1 }, mrr: 1 });
    expect(report.embedding).toEqual({ model: "by-meaning", dimensions: 2, without_vector: 0 });
    expect(docQaTable(report)).toContain("Embedded with by-meaning, 2 dimensions.");
    const texts = ["Argos\nA hound waits for its master.", "Nausicaa\nA boat was lent to a stranger."];
    expect(asked()).toEqual([texts, ["whose puppy"], ["sailing"]]);
    expect(told).toEqual([
      [2, undefined, "pieces embedded"],
      [1, 2],
      [2, 2],
    ]);
    expect(await evaluateDocQa(files())).toMatchObject({ recall: { "20": 0 }, embedding: { model: "hash-1024" } });
  });

  const search = [
    { call: "archival_memory_search", args: { query: "the dog of Odysseus", request_heartbeat: true } },
    { call: "send_message", args: { message: "ANSWER: Odysseus" } },
  ];

  test.each([
    { what: "passages", script: [], unsaid: 2 },
    { what: "a question", script: [byMeaning], unsaid: 2 },
    { what: "a search of the agent", script: [byMeaning, byMeaning], unsaid: 0 },
  ])("a failure to embed $what ends the evaluation instead of measuring words alone", async ({ script, unsaid }) => {
    const down = refuse(400, { error: { message: "out of order" } });
    const { embedder } = await served([...script, down]);
    const { llm, make } = scripted(search);
    const options = { ...files(), embedder, subject: { config: {}, llm: make }, limit: 1 };
    const left = watchTemporary();

    await expect(evaluateDocQa(options)).rejects.toMatchObject({
      code: "llm_unavailable",
      message: expect.stringMatching(/^Nothing was measured, .* could not be embedded\. .*out of order/),
    });
    expect(llm.remaining).toBe(unsaid);
    expect(left()).toEqual([]);
  });

  test("can be interrupted while a server does not answer", async () => {
    const { embedder, asked } = await served([byMeaning, stall()]);
    const stop = new AbortController();

    const running = evaluateDocQa({ ...files(), embedder, signal: stop.signal });
    const ended = expect(running).rejects.toMatchObject({ code: "interrupted" });
    await expect.poll(() => asked().length, { timeout: 15_000 }).toBe(2);
    stop.abort();

    await ended;
  });
});
