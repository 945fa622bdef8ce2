import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { evaluateDocQa } from "../../src/eval/doc-qa.ts";
import { evaluateLocomo } from "../../src/eval/locomo.ts";
import { evaluateNestedKv } from "../../src/eval/nested-kv.ts";
import { DATA } from "./support.ts";

const hasData = existsSync(DATA);
if (!hasData) console.warn(`skipped: ${DATA} is not here`);

// How good the search is, is measured with `memgpt eval`; this is whether the data is read for what it is.
describe.skipIf(!hasData)("the real data", () => {
  test("LoCoMo: every question counts, and search beats guessing", async () => {
    const report = await evaluateLocomo({ data: join(DATA, "locomo/locomo-dev.json"), conversations: ["conv-30"] });

    expect(report).toMatchObject({ n: 105, n_any: 105 });
    expect(report.recall["10"]).toBeGreaterThan(0.5);
  });

  test("nested key-values: the longest chains are followed in 4,096 tokens", async () => {
    const report = await evaluateNestedKv({ data: join(DATA, "nested-kv"), levels: [6], limit: 2 });

    expect(report).toMatchObject({ total: { n: 2, correct: 2 }, searches_per_question: 7 });
  });

  test("NaturalQuestions: most passages are found", async () => {
    const report = await evaluateDocQa({
      passages: join(DATA, "docqa/passages.jsonl"),
      questions: join(DATA, "docqa/questions-dev.jsonl"),
      limit: 50,
    });

    expect(report.n).toBe(50);
    expect(report.recall["10"]).toBeGreaterThan(0.85);
  });
});
