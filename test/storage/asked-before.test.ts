import { expect, test } from "vitest";
import type { Message } from "memgpt";
import { HashEmbedder } from "../../src/llm/embedders/hash-embedder.ts";
import { conversationSearch } from "../../src/functions/conversation-search.ts";
import type { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { at, newState, storeWith, userMessage } from "./support.ts";

const FIRST = { page: 0, size: 50 };

/** What the person told and asked, each with an answer that tells nothing. */
function talk(...lines: readonly string[]): Message[] {
  return lines.flatMap((line, i) => [userMessage(`u${i}`, line, at(i * 100))]);
}

async function found(store: SqliteAgentStore, text: string): Promise<string[]> {
  return (await store.recall.search({ text, orRelated: true }, FIRST)).items.map((item) => item.text);
}

const FACT = "Mia's recital is on 12 June.";
const ASKED = "When is my daughter's recital?";
const QUERIES = [
  "When is my daughter's recital?",
  "daughter's recital",
  "recital",
  "recital date",
  "When is the recital",
];

const TALKS: Readonly<Record<string, readonly string[]>> = {
  "asked before it was told": [ASKED, "My daughter is called Mia.", FACT],
  "asked after it was told": [FACT, ASKED],
  "asked twice, in other words": [
    FACT,
    ASKED,
    "what time is my daughter's recital",
    "Hi Sam! When is my daughter's recital?",
  ],
  "asked among much else": [
    ...Array.from({ length: 60 }, (_, i) => `My daughter and I had lunch number ${i} at the harbour.`),
    FACT,
    ...Array.from({ length: 60 }, (_, i) => `The ${i}th concert of the season was crowded.`),
    ASKED,
    "Where is my daughter's recital?",
  ],
};

for (const [name, lines] of Object.entries(TALKS)) {
  test.each(QUERIES)(`a fact ranks above the person's questions, ${name}: %s`, async (query) => {
    const store = await storeWith(talk(...lines), []);

    const results = await found(store, query);

    const questions = lines.filter((line) => /^(?:Hi Sam! )?(?:when|what time|where) is my/i.test(line));
    const first = Math.min(...questions.map((line) => results.indexOf(line)).filter((place) => place >= 0));
    expect(results).toContain(FACT);
    expect(results.indexOf(FACT)).toBeLessThan(first);
  });
}

test.each([
  ["¿Cuándo es el concierto de mi hija?", "El concierto de Mia es el 12 de junio.", "concierto hija"],
  ["Wann ist das Konzert meiner Tochter?", "Mias Konzert ist am 12. Juni.", "Konzert Tochter"],
  ["我女儿的演奏会是什么时候？", "小美的演奏会是六月十二日。", "演奏会 女儿"],
])("in any language: %s", async (question, fact, lookup) => {
  const store = await storeWith(talk(fact, "I had toast for breakfast.", question), []);

  for (const query of [question, lookup]) expect((await found(store, query))[0], query).toBe(fact);
});

test("questions are still found if nothing else is, and never hidden", async () => {
  const store = await storeWith(talk(ASKED, "Where is the recital?", "I had toast for breakfast."), []);

  expect((await found(store, "recital")).sort()).toEqual([ASKED, "Where is the recital?"].sort());
  expect(await found(store, '"my daughter\'s recital"')).toEqual([ASKED]);
});

test("a statement followed by a question, a named speaker's question and the agent's question keep their rank", async () => {
  const told = "Mia's recital is on 12 June. What shall I bring?";
  const messages = [
    userMessage("u0", "The recital hall is beautiful, large, old and made of red brick from the valley.", at(1)),
    { ...userMessage("u1", "Recital when?", at(200)), name: "Ana" },
    userMessage("u2", told, at(400)),
  ];
  const store = await storeWith(messages, []);

  expect((await found(store, "recital"))[0]).toBe("Recital when?");
  expect((await found(store, "recital")).indexOf(told)).toBe(1);
});

test.each([
  "You know that the recital is on 12 June, right?",
  "Can you suggest a present for the recital of Mia?",
  "When I was young a recital was an event.",
  "Mia has a recital. Who can come?",
])("what sounds like a question but states something keeps its rank: %s", async (told) => {
  const longer =
    "A recital in the old town hall was given by the pupils of the school, as in every year since the war.";
  const store = await storeWith(talk(longer, told), []);

  expect((await found(store, "recital"))[0]).toBe(told);
});

test("pages with questions come from one order, and the total is exact", async () => {
  const asked = Array.from({ length: 30 }, (_, i) => `When was recital number ${i}?`);
  const told = Array.from({ length: 30 }, (_, i) => `The recital of day ${i} went very well indeed for all.`);
  const store = await storeWith(talk(...asked.flatMap((line, i) => [line, told[i] ?? ""])), []);

  const pages = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((page) => store.recall.search({ text: "recital" }, { page, size: 10 })),
  );
  const texts = pages.flatMap(({ items }) => items.map(({ text }) => text));

  expect(pages.map(({ total }) => total)).toEqual([60, 60, 60, 60, 60, 60]);
  expect(new Set(texts)).toEqual(new Set([...asked, ...told]));
  expect(texts.slice(0, 20).every((text) => told.includes(text))).toBe(true);
  const scores = pages.flatMap(({ items }) => items.map(({ score }) => score));
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
});

test("conversation_search shows the model the fact first", async () => {
  const store = await storeWith(talk(FACT, ASKED), []);
  const context = {
    recall: store.recall,
    collections: { own: { embedder: new HashEmbedder() } },
    pageTokens: 2000,
    proposeForgetting: async () => ({ agreed: false as const, why: "nobody is asked here" }),
    now: at(500),
    state: newState(),
  };

  const { output } = await conversationSearch.call({ query: "daughter's recital" }, context as never);

  expect(output?.indexOf("12 June")).toBeGreaterThan(0);
  expect(output?.indexOf("12 June")).toBeLessThan(output?.indexOf("When is") ?? 0);
});
