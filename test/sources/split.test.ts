import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PASSAGE_ROOM } from "../../src/memory/chunk.ts";
import { estimateTokens } from "../../src/memory/tokens.ts";
import type { Element, SplitPassage } from "../../src/sources/element.ts";
import { split } from "../../src/sources/split.ts";

async function passagesOf(elements: readonly Element[]): Promise<SplitPassage[]> {
  const passages: SplitPassage[] = [];
  for await (const passage of split(elements)) passages.push(passage);
  return passages;
}

const bare = (text: string): string => text.replace(/[\s\p{Cc}\u00ad\ufeff]+/gu, "");

const SENTENCES = [
  "The committee met in Stockholm. ",
  "吾輩は猫である。名前はまだ無い。",
  "我们明天再谈这件事吧！",
  "ذهب الولد إلى المدرسة؟ ",
  "שלום לכולם. ",
  "यह एक वाक्य है। ",
  "สวัสดีครับวันนี้อากาศดีมาก",
  "👩‍👩‍👧‍👦🏳️‍🌈👍🏽",
  "e\u0301a\u0308o\u0302",
  "antidisestablishmentarianism",
  "\n",
  "\n\n",
  " ",
  "1234567890",
  "    return x;\n",
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...SENTENCES), fc.string({ unit: "grapheme", maxLength: 40 })), { maxLength: 120 })
  .map((parts) => parts.join(""));
const element: fc.Arbitrary<Element> = fc.oneof(
  fc.record({ kind: fc.constant("heading" as const), text: fc.string({ unit: "grapheme", maxLength: 200 }) }),
  fc.record({ kind: fc.constant("paragraph" as const), text }),
  fc.record({ kind: fc.constant("code" as const), text }),
  fc.record({ kind: fc.constant("row" as const), text }),
);

describe("for any document in any script", () => {
  test("nothing is lost and the order is kept", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(element, { maxLength: 12 }), async (elements) => {
        const passages = await passagesOf(elements);

        expect(bare(passages.map((passage) => passage.text).join(""))).toBe(
          bare(elements.map((it) => it.text).join("")).toWellFormed(),
        );
      }),
      { numRuns: 150 },
    );
  });

  test("every passage is within its bounds and has text", async () => {
    const table = fc.record({
      kind: fc.constant("row" as const),
      text,
      header: fc.constantFrom("名 | 前", "a | b", "x".repeat(2000)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(element, table), { maxLength: 12 }), async (elements) => {
        for (const passage of await passagesOf(elements)) {
          expect(passage.text.length).toBeLessThanOrEqual(PASSAGE_ROOM.characters);
          expect(estimateTokens(passage.text)).toBeLessThanOrEqual(PASSAGE_ROOM.tokens);
          expect(passage.text.trim()).not.toBe("");
        }
      }),
      { numRuns: 150 },
    );
  });

  test("no character of a reader is cut in two", async () => {
    const family = "👩‍👩‍👧‍👦";
    const passages = await passagesOf([{ kind: "paragraph", text: family.repeat(400) }]);

    expect(passages.length).toBeGreaterThan(1);
    for (const passage of passages) expect(passage.text.replaceAll(family, "")).toBe("");
  });
});

test("a heading begins a passage, stays with its text, and is attached to every passage below it", async () => {
  const passages = await passagesOf([
    { kind: "heading", text: "Introduction", page: 1 },
    { kind: "paragraph", text: "Agents forget.", page: 1 },
    { kind: "heading", text: "Deep memory retrieval", page: 5 },
    { kind: "paragraph", text: "A task of consistency. ".repeat(80), page: 5 },
  ]);

  expect(passages.map(({ heading, page }) => [heading, page])).toEqual([
    ["Introduction", 1],
    ["Deep memory retrieval", 5],
    ["Deep memory retrieval", 5],
  ]);
  expect(passages[0]?.text).toBe("Introduction\n\nAgents forget.");
});

test("short paragraphs share a passage; a long one is cut at the end of a sentence", async () => {
  const [first, ...rest] = await passagesOf([
    { kind: "paragraph", text: "One." },
    { kind: "paragraph", text: "Two." },
    { kind: "paragraph", text: "This is a sentence that goes on. ".repeat(60) },
  ]);

  expect(first?.text.startsWith("One.\n\nTwo.\n\nThis is")).toBe(true);
  expect(rest.length).toBeGreaterThan(0);
  for (const { text: passage } of [first, ...rest].flatMap((it) => it ?? [])) expect(passage).toMatch(/goes on\.$/);
});

test("a sentence of a script without spaces ends at its own full stop", async () => {
  const passages = await passagesOf([{ kind: "paragraph", text: "吾輩は猫である。名前はまだ無い。".repeat(60) }]);

  expect(passages.length).toBeGreaterThan(1);
  for (const { text: passage } of passages) expect(passage.endsWith("。")).toBe(true);
});

test("rows are not split, and each passage of a table begins with its header", async () => {
  const rows = Array.from({ length: 200 }, (_, i): Element => ({
    kind: "row",
    header: "Year | Laureate",
    text: `${1901 + i} | Name ${i}`,
  }));

  const passages = await passagesOf(rows);

  expect(passages.length).toBeGreaterThan(2);
  for (const { text: passage } of passages) {
    const [header, ...lines] = passage.split("\n");
    expect(header).toBe("Year | Laureate");
    for (const line of lines) expect(line).toMatch(/^\d{4} \| Name \d+$/);
  }
});

test("code keeps its indentation and is cut between its parts", async () => {
  const part = (name: string): string => `function ${name}() {\n${"    step();\n".repeat(30)}}`;
  const [first, second] = await passagesOf([
    { kind: "code", text: ["one", "two", "three", "four"].map(part).join("\n\n") },
  ]);

  expect(first?.text.endsWith("}")).toBe(true);
  expect(second?.text.startsWith("function ")).toBe(true);
  expect(second?.text).toContain("\n    step();");
});
