import { join } from "node:path";
import { expect, test } from "vitest";
import { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at, newState, passage, someAction, storeWith, toSchema, userMessage } from "./support.ts";

const FIRST = { page: 0, size: 10 };

test.each([
  ["Greek without accents", "Το ταξίδι στην Ελλάδα ήταν ωραίο", "ελλαδα"],
  ["Greek capitals", "Ο δρόμος είναι μακρύς", "ΔΡΟΜΟΣ"],
  ["Arabic with vowel signs", "زرت صديقي مُحَمَّد في البيت", "محمد"],
  ["Arabic without them", "زرت صديقي محمد في البيت", "مُحَمَّد"],
  ["another alef", "سافرت مع أحمد إلى البحر", "احمد"],
  ["an Arabic article, and another ending", "ذهبت إلى المدرسة أمس", "مدرسه"],
  ["an Arabic word that is stretched", "شمـــس الصيف", "شمس"],
  ["Arabic digits", "الغرفة رقم ٣٤٥٦٧", "34567"],
  ["Hebrew with points", "אמרתי שָׁלוֹם לשכן", "שלום"],
  ["Persian keyboards", "کتاب خوب", "كتاب"],
  ["Russian ё", "мы купили ёлку", "елку"],
  ["German ß", "In der Waldstraße wohnt Jens", "waldstrasse"],
  ["Danish ø", "Vi spiste smørrebrød", "smorrebrod"],
  ["Polish ł", "Byliśmy w Łodzi", "lodzi"],
  ["Vietnamese", "Tôi thích phở và cà phê trên đường", "duong"],
  ["Turkish", "Iğdır'a gittik, çok ısındı", "isindi"],
  ["letters of full width", "部屋はＡＢＣ１２です", "abc12"],
  ["katakana of half width", "ｶﾒﾗを買った", "カメラ"],
  ["a flag", "Next week 🇵🇹 at last", "🇵🇹"],
  ["skin of another colour", "👍🏽 agreed", "👍"],
  ["a soft hyphen", "the light\u00adhouse keeper", "lighthouse"],
  ["a joiner that is not seen", "می\u200cخواهم بروم", "می‌خواهم"],
])("%s: text written one way is found in another", async (_, text, query) => {
  const other = "unrelated words of another kind";
  const store = await storeWith(
    [userMessage("other", other, at(0)), userMessage("found", text, at(1))],
    [passage("other", other), passage("found", text)],
  );

  for (const memory of [store.recall, store.archival]) {
    const { total, items } = await memory.search({ text: query }, FIRST);
    expect({ total, ids: items.map(({ id }) => id) }).toEqual({ total: 1, ids: ["found"] });
  }
});

test("words that differ in vowel marks are different", async () => {
  const store = await storeWith(
    [userMessage("black", "काला कुत्ता", at(0)), userMessage("tomorrow", "कल मिलेंगे", at(1))],
    [],
  );

  const { items } = await store.recall.search({ text: "कल" }, FIRST);

  expect(items.map(({ id }) => id)).toEqual(["tomorrow"]);
});

test("a speaker's name matches with or without accents", async () => {
  const lines = [
    { ...userMessage("zoe", "I planted a lemon tree", at(0)), name: "Zoë" },
    { ...userMessage("tom", "I planted a fig tree", at(1)), name: "Tom" },
  ];
  const store = await storeWith(lines, []);

  const asked = await store.recall.search({ text: "Which tree did Zoe plant?" }, FIRST);
  const narrowed = await store.recall.search({ text: "tree", speaker: "zoe" }, FIRST);

  expect(asked.items[0]?.id).toBe("zoe");
  expect(narrowed.items.map(({ id }) => id)).toEqual(["zoe"]);
});

test("texts that an older version indexed differently are re-indexed, except undone ones", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const made = await SqliteAgentStore.open({ file });
  const change = { cause: "test", at: at(0), state: newState(), messages: [], passages: [] };
  await made.history.commit({
    ...change,
    action: someAction(),
    messages: [userMessage("m", "Καλημέρα Ελλάδα", at(0)), userMessage("same", "Good morning", at(1))],
    passages: [passage("p", "Μουσείο Ακρόπολης"), passage("gone", "Ακρόπολη")],
  });
  await made.history.commit({ ...change, action: someAction(), retracted: { messages: [], passages: ["gone"] } });
  await made.close();
  await toSchema(5, file);

  const store = await SqliteAgentStore.open({ file });

  expect((await store.recall.search({ text: "ελλαδα" }, FIRST)).items.map(({ id }) => id)).toEqual(["m"]);
  expect((await store.recall.search({ text: "mornings" }, FIRST)).total).toBe(1);
  expect((await store.archival.search({ text: "μουσειο" }, FIRST)).items.map(({ id }) => id)).toEqual(["p"]);
  expect((await store.archival.search({ text: "ακροπολη" }, FIRST)).total).toBe(0);
  await store.close();
});
