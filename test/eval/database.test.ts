import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { describe, expect, test } from "vitest";
import { evaluateDocQa } from "../../src/eval/doc-qa.ts";
import { evaluateLocomo } from "../../src/eval/locomo.ts";
import { evaluateNestedKv } from "../../src/eval/nested-kv.ts";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { integer, seeded } from "../crash/random.ts";
import { temporaryFolder } from "../support/agents.ts";
import { TEST_SERVER, databaseUrl } from "../support/postgres.ts";
import { fileOf, linesOf } from "./support.ts";

const WORDS = "kayak harbour lantern violin compass bakery orchard meadow telescope vineyard trombone lighthouse".split(
  " ",
);

/** Texts of a few words each, so that every question has many good answers to be ranked. */
function texts(count: number, length: number): string[] {
  const random = seeded(count * length);
  const word = (): string => WORDS[integer(random, WORDS.length)] ?? "";
  return Array.from({ length: count }, () => `The ${Array.from({ length }, word).join(" ")} was mine.`);
}

/** What an evaluation found, without how long it took. */
function found(report: object): object {
  return { ...report, latency_ms: undefined, seconds: undefined };
}

describe.skipIf(TEST_SERVER === undefined)("an evaluation in a database", () => {
  test("finds the same as with files, and leaves no agent behind", async () => {
    const database = await databaseUrl();
    const conversation = {
      sample_id: "conv-1",
      conversation: {
        session_1_date_time: "1:56 pm on 8 May, 2023",
        session_1: texts(150, 5).map((text, i) => ({ speaker: i % 2 ? "Ann" : "Bob", dia_id: `D1:${i}`, text })),
      },
      qa: texts(30, 3).map((question, i) => ({ question, evidence: [`D1:${i * 4}`, `D1:${i}`], category: 4 })),
    };
    const passages = texts(60, 12).map((text, i) => ({ id: `p${i}`, title: WORDS[i % WORDS.length], text }));
    const questions = texts(30, 2).map((question, i) => ({ question, answers: ["mine"], passage_id: `p${i}` }));
    const kv = join(temporaryFolder(), "nested-kv");
    const pairs = Array.from({ length: 30 }, (_, n) => ["a", "b"].map((it) => `${it.repeat(8)}-1c5c-4e55-9934-${n}`));
    mkdirSync(kv);
    writeFileSync(join(kv, "kv-140.jsonl"), linesOf([{ ordered_kv_records: pairs }]));
    writeFileSync(join(kv, "orderings-3-levels.jsonl"), linesOf([[5, 0, 29]]));
    const locomo = { data: fileOf([conversation]) };
    const docQa = {
      passages: fileOf(linesOf(passages), "passages.jsonl"),
      questions: fileOf(linesOf(questions), "questions.jsonl"),
    };
    const nestedKv = { data: kv, levels: [3] };

    const [inFiles, there] = [
      [await evaluateLocomo(locomo), await evaluateDocQa(docQa), await evaluateNestedKv(nestedKv)],
      [
        await evaluateLocomo({ ...locomo, database }),
        await evaluateDocQa({ ...docQa, database }),
        await evaluateNestedKv({ ...nestedKv, database }),
      ],
    ];

    expect(there.map(found)).toEqual(inFiles.map(found));
    expect(inFiles[0]).toMatchObject({ n: 30 });
    const pool = new PgDatabase({ url: database });
    const [made] = await pool.query("SELECT last_value > 2 AS made FROM agents_agent_seq");
    expect([made, await pool.query("SELECT name FROM agents"), await pool.query("SELECT agent FROM messages")]).toEqual(
      [{ made: true }, [], []],
    );
    await pool.close();
  }, 60_000);

  test("does not touch existing agents", async () => {
    const database = await databaseUrl();
    const memgpt = await MemGPT.open({ dir: temporaryFolder(), env: {}, database });
    await (await memgpt.createAgent({ name: "librarian" })).close();
    const docQa = {
      passages: fileOf(linesOf([{ id: "p", title: "Kayaks", text: "A kayak is small." }]), "passages.jsonl"),
      questions: fileOf(linesOf([{ question: "kayak", answers: ["small"], passage_id: "p" }]), "questions.jsonl"),
    };

    expect(await evaluateDocQa({ ...docQa, database })).toMatchObject({ n: 1, recall: { "1": 1 } });

    expect((await memgpt.listAgents()).map(({ name }) => name)).toEqual(["librarian"]);
    await memgpt.close();
  });
});
