import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import type { Message } from "memgpt";
import type { RecallQuery } from "../../src/ports/recall.ts";
import type { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";
import { temporaryFolder } from "../support/agents.ts";
import { at, newState, openStore, reply, someAction, storeWith, toSchema, userMessage } from "./support.ts";

const FIRST = { page: 0, size: 50 };
const HOUR = 60;

/** Somebody says something, with a name. */
function said(id: string, name: string, text: string, minute: number): Message {
  return { ...userMessage(id, text, at(minute)), name };
}

async function add(store: SqliteAgentStore, messages: readonly Message[]): Promise<void> {
  const state = newState();
  await store.history.commit({ action: someAction(), cause: "test", at: at(0), state, messages, passages: [] });
}

async function ids(store: SqliteAgentStore, query: RecallQuery): Promise<string[]> {
  return (await store.recall.search(query, FIRST)).items.map(({ id }) => id);
}

/** Two people on three days. */
const CHAT: readonly Message[] = [
  said("a1", "Ana", "Hi Ben! How was the weekend?", 0),
  said("b1", "Ben", "We went to the lake. My brother caught a trout!", 1),
  said("a2", "Ana", "A trout! Did you grill it?", 2),
  said("b2", "Ben", "Sure, with lemon and butter.", 3),
  said("b3", "Ben", "I started pottery lessons with Carla.", 3 * HOUR),
  said("a3", "Ana", "Pottery! What did you make?", 3 * HOUR + 1),
  said("b4", "Ben", "A blue bowl, rather crooked.", 3 * HOUR + 2),
  said("a4", "Ana", "I might try pottery, too.", 3 * HOUR + 3),
  said("a5", "Ana", "The marathon is in two weeks and my knee hurts.", 9 * HOUR),
  said("b5", "Ben", "See a doctor before you run.", 9 * HOUR + 1),
];

test("a question finds an answer that shares no word with it, beside a line that does", async () => {
  const store = await storeWith(CHAT, []);

  const found = await store.recall.search({ text: "What did Ben make in the pottery lessons?" }, FIRST);

  expect(found.items.slice(0, 3).map(({ id }) => id)).toContain("b4");
  expect(found.total).toBe(found.items.length);
  const answer = found.items.find(({ id }) => id === "b4");
  expect(Object.keys(answer?.signals ?? {})).toContain("neighbour");
  expect(Object.keys(answer?.signals ?? {})).not.toContain("lexical");
});

test("a lookup finds only the lines that have the word", async () => {
  const store = await storeWith(CHAT, []);

  expect((await ids(store, { text: "pottery" })).sort()).toEqual(["a3", "a4", "b3"]);
  expect((await ids(store, { text: '"two weeks"' })).sort()).toEqual(["a5"]);
});

test("a quoted title that nobody said is searched by its words, with a note; a single quoted word is not", async () => {
  const store = await storeWith(CHAT, []);

  const title = await store.recall.search({ text: '"weeks two"' }, FIRST);
  const asked = await store.recall.search({ text: 'Who spoke of "Two Weeks of May"?' }, FIRST);

  expect(title).toMatchObject({ isLoose: true, items: [{ id: "a5" }] });
  expect(asked.isLoose).toBe(true);
  expect(asked.items.map(({ id }) => id)).toContain("a5");
  expect(await store.recall.search({ text: '"two weeks"' }, FIRST)).not.toHaveProperty("isLoose");
  expect(await store.recall.search({ text: '"week"' }, FIRST)).toEqual({ total: 0, items: [] });
  expect(await store.recall.search({ text: '"zeppelin airship"' }, FIRST)).toEqual({ total: 0, items: [] });
});

test.each([
  ["wifi", "The wi-fi is down again."],
  ["wi-fi", "The WiFi is down again."],
  ["ice cream", "We had icecream."],
  ["smart phone battery", "My smartphone needs charging."],
  ["notebook", "Where is my note book?"],
])("a word not found as written is found joined or split: %s in %s", async (text, line) => {
  const store = await storeWith([userMessage("it", line, at(1)), userMessage("no", "Fine weather today.", at(2))], []);

  const found = await store.recall.search({ text }, FIRST);

  expect(found.items.map(({ id }) => id)).toEqual(["it"]);
  expect(found.total).toBe(1);
});

test("words are also found joined if one of them is found, and not split into meaningless parts", async () => {
  const store = await storeWith(
    [
      said("ana", "Ana", "The wifi password is hunter2.", 1),
      said("ben", "Ben", "I love sci-fi films and ice.", 2),
      said("hasan", "Hasan", "I bake bread.", 3),
      said("eve", "Eve", "She has an old car. Can you meet me at five? We cooked beef.", 4),
      said("gil", "Gil", "He got icecream.", 5),
    ],
    [],
  );

  expect((await ids(store, { text: "wi-fi" })).sort()).toEqual(["ana"]);
  expect((await ids(store, { text: "wi-fi router" })).sort()).toEqual(["ana", "ben"]);
  expect((await ids(store, { text: "ice cream" })).sort()).toEqual(["gil"]);
  expect(await ids(store, { text: "Hasan" })).toEqual(["hasan"]);
  expect(await ids(store, { text: "meat" })).toEqual([]);
});

test("a word found as written is not joined or split", async () => {
  const store = await storeWith(
    ["A notebook for you.", "A note book for me.", "Carlo called."].map((text, n) => userMessage(`u${n}`, text, at(n))),
    [],
  );

  expect(await ids(store, { text: "notebook" })).toEqual(["u0"]);
  expect(await ids(store, { text: "Carla" })).toEqual([]);
});

test("two words are a lookup, whatever they begin with; with a question mark they are a question", async () => {
  const lines = ["I bought a can opener.", "How much was it?", "Three euros."];
  const store = await storeWith(
    lines.map((text, n) => userMessage(`u${n}`, text, at(n))),
    [],
  );

  expect(await ids(store, { text: "can opener" })).toEqual(["u0"]);
  expect(await ids(store, { text: "can opener?" })).toContain("u1");
  expect(await ids(store, { text: "who opener" })).toContain("u1");
});

test("a lookup of a word that nobody said finds only related words", async () => {
  const store = await storeWith(CHAT, []);

  expect(await ids(store, { text: "fish", orRelated: true })).toContain("b1");
  expect(await ids(store, { text: "fish", orRelated: true })).not.toContain("b2");
  expect(await ids(store, { text: "fish" })).toEqual([]);
  expect(await ids(store, { text: '"fish"', orRelated: true })).toEqual([]);
  expect(await ids(store, { text: "zeppelin", orRelated: true })).toEqual([]);
});

test("naming a speaker favours what they said", async () => {
  const store = await storeWith(CHAT, []);

  const [ana] = await ids(store, { text: "What does Ana say about pottery?" });
  const [ben] = await ids(store, { text: "What does Ben say about pottery?" });

  expect(ana?.charAt(0)).toBe("a");
  expect(ben?.charAt(0)).toBe("b");
});

test("a lookup with a speaker's name searches for the other words, and a name alone for itself", async () => {
  const store = await storeWith([...CHAT, said("a6", "Ana", "Ben's car is in the workshop.", 9 * HOUR + 2)], []);

  expect((await ids(store, { text: "Ana pottery" }))[0]?.charAt(0)).toBe("a");
  expect((await ids(store, { text: "ben pottery" }))[0]?.charAt(0)).toBe("b");
  expect((await ids(store, { text: "ben pottery" })).sort()).toEqual(["a3", "a4", "b3"]);
  expect((await ids(store, { text: "Ben" })).sort()).toEqual(["a1", "a6"]);
});

test("a word that only begins like a name is not a name", async () => {
  const store = await storeWith(
    [said("c1", "Caroline", "A car is handy.", 0), said("m1", "Mel", "My car broke down.", 1)],
    [],
  );

  expect((await ids(store, { text: "Whose car broke down?" }))[0]).toBe("m1");
  expect((await ids(store, { text: "What does Caro say of a car?" }))[0]).toBe("c1");
});

test("a name in core memory means the person or the agent, whose messages have no name", async () => {
  const messages = [
    userMessage("u1", "Sailing is wonderful.", at(1)),
    ...reply("r1", "Sailing is cold and wet.", at(2)),
  ];
  const store = await storeWith(messages, []);
  const people = [
    { name: "Chad", role: "user" as const },
    { name: "Sam", role: "assistant" as const },
  ];

  expect((await ids(store, { text: "What does Chad think of sailing?", people }))[0]).toBe("u1");
  expect((await ids(store, { text: "What does Sam think of sailing?", people }))[0]).toBe("r1");
});

test("a time in the question favours what was said then", async () => {
  const talks = ["2023-03-10", "2023-05-06", "2023-08-20"].map((day) =>
    userMessage(`u-${day}`, "I met my cousin for lunch.", `${day}T12:00:00.000Z`),
  );
  const store = await storeWith(talks, []);
  const other = { now: "2023-09-01T00:00:00.000Z" };

  expect((await ids(store, { text: "Did I meet my cousin in May?" }))[0]).toBe("u-2023-05-06");
  expect((await ids(store, { text: "Whom did I meet on 10 March 2023?" }))[0]).toBe("u-2023-03-10");
  expect((await ids(store, { text: "Did I meet my cousin last month?", ...other }))[0]).toBe("u-2023-08-20");
});

test("filters narrow results and totals", async () => {
  const store = await storeWith([...CHAT, ...reply("r1", "Pottery is fun.", at(9 * HOUR + 2))], []);
  const session = (await store.recall.search({ text: "pottery" }, FIRST)).items.find(({ id }) => id === "b3")?.session;

  expect((await ids(store, { text: "pottery", speaker: "ana" })).sort()).toEqual(["a3", "a4"]);
  expect(await ids(store, { text: "pottery", role: "assistant" })).toEqual(["r1"]);
  expect((await ids(store, { text: "pottery", session })).sort()).toEqual(["a3", "a4", "b3"]);
  expect(await ids(store, { text: "pottery", range: { from: at(3 * HOUR + 1), to: at(3 * HOUR + 2) } })).toEqual([
    "a3",
  ]);
  const asked = await store.recall.search({ text: "What was said about pottery?", speaker: "Ben" }, FIRST);
  expect(asked.items.every(({ speaker }) => speaker === "Ben")).toBe(true);
  expect(asked.total).toBe(asked.items.length);
});

test("the context of a line is within its session, oldest first", async () => {
  const store = await storeWith(CHAT, []);

  expect((await store.recall.around("a3", 2)).map(({ id }) => id)).toEqual(["b3", "a3", "b4", "a4"]);
  expect((await store.recall.around("b1", 0)).map(({ id }) => id)).toEqual(["b1"]);
  expect(await store.recall.around("nobody", 2)).toEqual([]);
});

test("sessions are ranked as a whole, with their times", async () => {
  const store = await storeWith(CHAT, []);

  const found = await store.recall.searchSessions({ text: "Which fish did the brother catch?" }, FIRST);
  const [first] = found.items;

  expect(first).toMatchObject({ from: at(0), to: at(3), size: 4 });
  expect(found.total).toBe(found.items.length);
});

test.each(["Where is the harbour boat?", "harbour"])(
  "the pages of %j have every result once, whatever is added meanwhile",
  async (text) => {
    const many = Array.from({ length: 400 }, (_, n) =>
      userMessage(`u${n}`, `The boat number ${n} left the harbour ${"early ".repeat(n % 5)}.`, at(n * 7)),
    );
    const store = await storeWith(many, []);
    const seen: string[] = [];
    let total = 0;
    for (let page = 0; page < 60; page += 1) {
      const found = await store.recall.search({ text }, { page, size: 7 });
      if (page === 0) total = found.total;
      expect(found.total).toBe(total);
      seen.push(...found.items.map(({ id }) => id));
      await add(store, [userMessage(`late${page}`, "Another boat in the harbour!", at(5000 + page))]);
    }

    expect(seen.length).toBe(total);
    expect(new Set(seen).size).toBe(total);
    expect(seen.filter((id) => id.startsWith("late"))).toEqual([]);
    expect((await store.recall.search({ text }, FIRST)).total).toBeGreaterThan(total);
  },
);

test("a page is rebuilt if a result on it was undone", async () => {
  const store = await storeWith(
    Array.from({ length: 20 }, (_, n) => userMessage(`u${n}`, `boat ${n}`, at(n))),
    [],
  );
  const first = await store.recall.search({ text: "boat" }, { page: 0, size: 5 });
  const second = await store.recall.search({ text: "boat" }, { page: 1, size: 5 });
  const [gone] = second.items;
  const retracted = { messages: [gone?.id ?? ""], passages: [] };
  const state = newState();
  await store.history.commit({
    action: someAction(),
    cause: "pop",
    at: at(22),
    state,
    messages: [],
    passages: [],
    retracted,
  });

  const again = await store.recall.search({ text: "boat" }, { page: 1, size: 5 });

  expect([first.total, again.total]).toEqual([20, 19]);
  expect(again.items.length).toBe(5);
  expect(again.items.map(({ id }) => id)).not.toContain(gone?.id);
});

test("a question that names a day finds what was said on it, whatever that was", async () => {
  const talks = ["2023-03-10", "2023-05-06"].map((day) =>
    userMessage(`u-${day}`, `It rained all ${day.length} days.`, `${day}T12:00:00.000Z`),
  );
  const store = await storeWith(talks, []);

  expect(await ids(store, { text: "Anything new on 6 May 2023?" })).toEqual(["u-2023-05-06"]);
});

test("questions merge equal texts; lookups list each one", async () => {
  const store = await storeWith(
    Array.from({ length: 6 }, (_, n) => userMessage(`u${n}`, "Shall we go sailing?", at(n))),
    [],
  );

  expect((await store.recall.search({ text: "When did we talk of sailing?" }, FIRST)).total).toBe(1);
  expect((await store.recall.search({ text: "sailing" }, FIRST)).total).toBe(6);
});

test("words in other scripts are found, even single characters", async () => {
  const lines = [
    "我昨天去了东京塔",
    "今日は京都に行きました",
    "ผมชอบกินข้าวผัด",
    "ذهبت إلى المدرسة أمس",
    "Café in Zürich",
    "🎉 party",
  ];
  const store = await storeWith(
    lines.map((text, n) => userMessage(`u${n}`, text, at(n))),
    [],
  );

  expect(await ids(store, { text: "东京" })).toEqual(["u0"]);
  expect((await ids(store, { text: "京" })).sort()).toEqual(["u0", "u1"]);
  expect(await ids(store, { text: "ข้าวผัด" })).toEqual(["u2"]);
  expect(await ids(store, { text: "المدرسة" })).toEqual(["u3"]);
  expect(await ids(store, { text: "cafe zurich" })).toEqual(["u4"]);
  expect(await ids(store, { text: "京都に行った？" })).toContain("u1");
});

test("operators in a query are text, and a query of many words costs no more than a long one", async () => {
  const store = await storeWith(CHAT, []);

  expect(await ids(store, { text: "pottery NOT bowl" })).toEqual(expect.arrayContaining(["b3"]));
  expect(await ids(store, { text: 'text: "* NEAR( pottery' })).toEqual(expect.arrayContaining(["b3"]));
  expect((await ids(store, { text: `${"word ".repeat(4000)} pottery?` })).length).toBe(0);
  expect((await ids(store, { text: `pottery ${"zebra ".repeat(2000)}?` })).length).toBeGreaterThan(0);
  expect(await ids(store, { text: "" })).toEqual([]);
  expect(await ids(store, { text: "?!" })).toEqual([]);
});

test("after any additions and undos, each line with a word of the query is listed once, and the total is exact", async () => {
  const word = fc.constantFrom("zib", "wok", "tarn", "quoll", "brig", "fjord", "lymph");
  const line = fc.record({
    words: fc.array(word, { minLength: 1, maxLength: 5 }),
    minute: fc.nat(5000),
    dead: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { minLength: 1, maxLength: 60 }),
      fc.uniqueArray(word, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      async (lines, asked, isQuestion, size) => {
        const texts = lines.map(({ words }, n) => ({ id: `u${n}`, words, text: `${words.join(" ")} n${n}` }));
        const store = await storeWith(
          texts.map(({ id, text }, n) => userMessage(id, text, at(lines[n]?.minute ?? 0))),
          [],
        );
        const dead = texts.filter((_, n) => lines[n]?.dead === true).map(({ id }) => id);
        const retracted = { messages: dead, passages: [] };
        const state = newState();
        await store.history.commit({
          action: someAction(),
          cause: "pop",
          at: at(9),
          state,
          messages: [],
          passages: [],
          retracted,
        });
        const text = isQuestion ? `What about ${asked.join(" ")}?` : asked.join(" ");

        const found: string[] = [];
        const totals = new Set<number>();
        for (let page = 0; ; page += 1) {
          const { items, total } = await store.recall.search({ text }, { page, size });
          totals.add(total);
          found.push(...items.map(({ id }) => id));
          if (items.length === 0) break;
        }
        await store.close();

        const live = texts.filter(({ id }) => !dead.includes(id));
        const some = live.filter(({ words }) => asked.some((it) => words.includes(it))).map(({ id }) => id);
        const all = live.filter(({ words }) => asked.every((it) => words.includes(it))).map(({ id }) => id);
        const isNarrow = !isQuestion && asked.length <= 3 && all.length > 0;
        expect(new Set(found).size).toBe(found.length);
        expect([...totals]).toEqual([found.length]);
        expect(found).toEqual(expect.arrayContaining(isNarrow ? all : some));
        expect(found.filter((id) => dead.includes(id))).toEqual([]);
        if (!isQuestion && asked.length <= 3) expect([...found].sort()).toEqual([...(isNarrow ? all : some)].sort());
      },
    ),
    { numRuns: 40 },
  );
});

test("quoted text is found letter for letter, and ranks first in a question", async () => {
  const lines = ["My cat sleeps.", "Two cats sleep.", "The file foo bar.", "The file foo_bar.", "Cats, I said!"];
  const store = await storeWith(
    lines.map((text, n) => userMessage(`u${n}`, text, at(n))),
    [],
  );

  expect((await ids(store, { text: '"cats"' })).sort()).toEqual(["u1", "u4"]);
  expect(await ids(store, { text: '"cats i said"' })).toEqual(["u4"]);
  expect(await ids(store, { text: "foo_bar" })).toEqual(["u3"]);
  const asked = await store.recall.search({ text: 'Where do the "cats" sleep?' }, FIRST);
  expect(asked.items[0]?.id).toBe("u1");
  expect(asked.items[0]?.signals["exact"]).toBe(1);
  expect(asked.items.map(({ id }) => id)).toContain("u0");
  expect(await ids(store, { text: 'Where do the "dogs" sleep?' })).toEqual([]);
  expect(await ids(store, { text: 'Where is the "files" thing?' })).toEqual([]);
});

test.each([
  ['"cat"', ["The cat sleeps"], ["I have two cats"]],
  ['"art show"', ["We saw an art show."], ["They visited two art shows"]],
  ['"near"', ["It is near, I hope"], ["A nearness of things"]],
  ['"C++"', ["She writes C++ all day"], ["vitamin C helps", "C# is another", "C, and + more"]],
  ["C#", ["C# is what we use"], ["vitamin C helps", "She writes C++ all day"]],
  ["C++", ["She writes C++, mostly"], ["vitamin C helps", "C# is what we use"]],
  [".env", ["The key is in .env, at last"], ["the env is set", "prod.env is another"]],
  ["v2.3.1", ["v2.3.1 is out."], ["v2.3.10 is broken", "v2.3 was 1 mistake"]],
  ["10000 steps", ["I walked 10,000 steps"], ["I walked 10 000 of 20000 steps or 100,000"]],
  ["85,000", ["The salary is $85,000."], ["85 or 000"]],
  ["1299.99", ["It costs $1,299.99 now"], ["I paid 1299 and 99", "only 299.99", "1,299.999"]],
  ["QX7-99Z", ["The code is QX7-99Z's"], ["QX7-99ZZ", "AQX7-99Z"]],
  ['"don’t panic"', ["Don't panic!"], ["do not panic", "don't you panic"]],
  ['"New York"', ["We went to New  York,"], ["A new bridge near York"]],
  ["“New York”", ["in New York"], ["A new bridge near York"]],
])("%s finds only exact matches", async (text, right, wrong) => {
  const store = await storeWith(
    [...wrong, ...right].map((line, n) => userMessage(`u${n}`, line, at(n))),
    [],
  );

  const { items, total } = await store.recall.search({ text }, FIRST);

  expect(items.map((item) => item.text)).toEqual(right);
  expect(total).toBe(right.length);
});

test.each([
  ["what is the status of ticket PROJ-123?", "The status of PROJ-123 is closed."],
  ["how many people are in the meeting at 10:30?", "At 10:30 all of us meet."],
  ["which version is v2.3.1?", "v2.3.1 is what runs there."],
  ["meeting 10:30", "At 10:30 all of us meet."],
])("%s ranks first the lines with the code or time of day", async (text, answer) => {
  const lines = [
    answer,
    "Ticket 123 has a new status for the PROJ team, says the status page of the ticket system.",
    "30 people are in the meeting, with 10 chairs. How many people fit in a meeting?",
    "Meeting at 10, then 30 people in another meeting.",
    "v2.3.10 is a version, and which version it is, nobody knows.",
  ];
  const store = await storeWith(
    lines.map((line, n) => userMessage(`u${n}`, line, at(n * 2 * HOUR))),
    [],
  );

  expect((await store.recall.search({ text }, FIRST)).items[0]?.text).toBe(answer);
});

test("a question with an unknown identifier is searched by its other words; two identifiers may be in two lines", async () => {
  const store = await storeWith(
    [
      userMessage("oslo", "We flew to Oslo.", at(0)),
      userMessage("hotel", "The hotel is QX7-99Z.", at(2 * HOUR)),
      userMessage("flight", "The flight is BA2490.", at(4 * HOUR)),
    ],
    [],
  );

  expect((await ids(store, { text: "tell me about Oslo and 99999" }))[0]).toBe("oslo");
  expect(await ids(store, { text: "QX7-99Z BA2490" })).toEqual(expect.arrayContaining(["hotel", "flight"]));
  expect(await ids(store, { text: "Oslo 99999" })).toEqual([]);
  expect(await ids(store, { text: 'tell me about Oslo and "nowhere"' })).toEqual([]);
});

test("quoted text is distinguished from its other forms among thousands", async () => {
  const many = Array.from({ length: 5_200 }, (_, n) => userMessage(`u${n}`, `We had meetings all day ${n}`, at(n)));
  const store = await storeWith([...many, userMessage("one", "One meeting only", at(6_000))], []);

  expect(await store.recall.search({ text: '"meeting"' }, FIRST)).toMatchObject({ total: 1, items: [{ id: "one" }] });
  expect(await store.recall.search({ text: '"had meeting"' }, FIRST)).toMatchObject({ total: 5_201, isLoose: true });
  const meetings = await store.recall.search({ text: '"had meetings"' }, { page: 51, size: 100 });
  expect(meetings.total).toBe(5_200);
  expect(meetings.items).toHaveLength(100);
});

test.each([
  "How old is the 4-year-old daughter?",
  "What did he/she/they say about the daughter?",
  "daughter 2023/05/07",
  "at 10:30 the daughter",
  "Melanie 5-yr anniversary trip daughter husband",
  `daughter ${Array.from({ length: 1900 }, (_, n) => `w${n}`).join(" ")}`,
])("ordinary words with digits and signs are not required: %s", async (text) => {
  const store = await storeWith([userMessage("u1", "My daughter is four years old now.", at(1))], []);

  expect(await ids(store, { text })).toContain("u1");
});

test("if only the name in a query was ever said, it is searched for itself", async () => {
  const store = await storeWith(
    [said("c1", "Caro", "Hi Melanie, I was away.", 0), said("m1", "Melanie", "Me too.", 1)],
    [],
  );

  expect(await ids(store, { text: "What did Melanie whisper?" })).toContain("c1");
  expect(await ids(store, { text: "Melanie whisper" })).toEqual(["c1"]);
});

const NOW = "2026-11-01T12:00:00.000Z";

/** The same sentence on four days, as noon there is. */
const CONCERTS = [
  ["adele", "2025-05-10"],
  ["muse", "2026-05-10"],
  ["blur", "2026-08-10"],
  ["air", "2026-10-31"],
] as const;

function concerts(): Promise<SqliteAgentStore> {
  return storeWith(
    CONCERTS.flatMap(([id, day]) => {
      const then = (minute: number): string => `${day}T12:0${minute}:00.000Z`;
      return [
        userMessage(id, `The concert was by ${id}`, then(0)),
        userMessage(`${id}-2`, "Lovely weather today", then(1)),
      ];
    }),
    [],
  );
}

test.each([
  ["concert last May", "muse"],
  ["concert in August", "blur"],
  ["concert August 2026", "blur"],
  ["concert yesterday", "air"],
  ["Whose concert was it in May 2025?", "adele"],
])("a time in a lookup also favours what was said then: %s", async (text, id) => {
  const store = await concerts();

  const { items, total } = await store.recall.search({ text, now: NOW }, FIRST);

  expect(items[0]?.id).toBe(id);
  // What was said in the same words on every day is one result of a question.
  expect(total).toBe(text.endsWith("?") ? 5 : 4);
});

test.each([
  ["last May", ["muse", "muse-2"]],
  ["yesterday", ["air", "air-2"]],
  ["what was it yesterday?", ["air", "air-2"]],
  ["May 2025", ["adele", "adele-2"]],
  ["2026-05-10", ["muse", "muse-2"]],
  ["2025", ["adele", "adele-2"]],
  ["two weeks ago", []],
])("a time alone lists what was said then: %s", async (text, expected) => {
  const store = await concerts();

  const found = await store.recall.search({ text, now: NOW }, FIRST);

  expect(found.items.map(({ id }) => id)).toEqual(expected);
  expect(found.total).toBe(expected.length);
  const second = await store.recall.search({ text, now: NOW }, { page: 1, size: 1 });
  expect(second.items.map(({ id }) => id)).toEqual(expected.slice(1, 2));
});

test.each([
  ["christmas", ["u0", "u3"]],
  ["Christmas dinner", ["u0", "u1", "u3"]],
  ["spring", ["u2"]],
])("a word that could be a time is also searched as a word: %s", async (text, expected) => {
  const lines = [
    "Christmas was quiet",
    "We had dinner",
    "The spring of the clock",
    "At Christmas we ski",
    "Supper, a feast",
  ];
  const store = await storeWith(
    lines.map((line, n) => userMessage(`u${n}`, line, at(2 * HOUR * n))),
    [],
  );

  const found = await store.recall.search({ text, now: NOW }, FIRST);

  expect(found.items.map(({ id }) => id).sort()).toEqual(expected);
  expect(found.total).toBe(expected.length);
});

test("words that only express a time are not searched for", async () => {
  const store = await storeWith(
    [
      userMessage("said", "Three days ago I had a cold", "2026-10-01T12:00:00.000Z"),
      userMessage("meant", "We had soup for dinner", "2026-10-29T12:00:00.000Z"),
    ],
    [],
  );

  expect((await ids(store, { text: "What did we have three days ago?", now: NOW }))[0]).toBe("meant");
});

test("a day ends at the person's local midnight", async () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "America/Los_Angeles";
  onTestFinished(() => {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  });
  const store = await storeWith(
    [
      userMessage("thirteenth", "Dinner at the harbour", "2026-10-14T02:00:00.000Z"),
      userMessage("fourteenth", "Dinner at the market", "2026-10-14T20:00:00.000Z"),
    ],
    [],
  );

  // It is seven in the evening of the 14th there, and the 15th in Greenwich.
  const now = "2026-10-15T02:00:00.000Z";

  expect((await ids(store, { text: "Where did we have dinner yesterday?", now }))[0]).toBe("thirteenth");
  expect(await ids(store, { text: "yesterday", now })).toEqual(["thirteenth"]);
  expect(await ids(store, { text: "today", now })).toEqual(["fourteenth"]);
});

test("questions merge equal texts, whatever is between them", async () => {
  const lines = ["We went sailing.", "we went SAILING", "We went  sailing!!", "We went rowing.", "Went we sailing?"];
  const store = await storeWith(
    lines.map((text, n) => userMessage(`u${n}`, text, at(n))),
    [],
  );

  const found = await store.recall.search({ text: "When did we go sailing or rowing?" }, FIRST);

  expect(found.items.map(({ id }) => id).sort()).toEqual(["u2", "u3", "u4"]);
  expect(found.total).toBe(3);
});

test("lines that differ in a vowel sign are distinct", async () => {
  const lines = ["मेरी किताब नीली है", "मेरा किताब नीला है"];
  const store = await storeWith(
    lines.map((text, n) => userMessage(`u${n}`, text, at(n))),
    [],
  );

  expect((await ids(store, { text: "किताब कहाँ है?" })).sort()).toEqual(["u0", "u1"]);
});

test("a line's hash is updated when it is rewritten, and added to an older version's lines", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const store = await openStore(file);
  const sailing = ["We went sailing.", "We went rowing.", "We went SAILING!"];
  const change = { cause: "test", at: at(9), state: newState(), messages: [], passages: [] };
  await add(
    store,
    sailing.map((text, n) => userMessage(`u${n}`, text, at(n))),
  );
  const asked = { text: "When did we go sailing or rowing?" };

  expect((await ids(store, asked)).sort()).toEqual(["u1", "u2"]);
  await store.history.commit({
    ...change,
    action: someAction(),
    rewritten: [userMessage("u2", "We went rowing twice!", at(2))],
  });
  expect((await ids(store, asked)).sort()).toEqual(["u0", "u1", "u2"]);
  await add(store, [userMessage("u3", "We went rowing, twice", at(3))]);
  expect((await ids(store, asked)).sort()).toEqual(["u0", "u1", "u2"]);
  const ranked = (await store.recall.search(asked, FIRST)).items;
  await store.close();
  await toSchema(6, file);

  const again = await openStore(file);

  expect((await again.recall.search(asked, FIRST)).items).toEqual(ranked);
});

test("if no other word of a query was ever said, everything by the named speaker is found, newest first", async () => {
  const store = await storeWith(CHAT, []);
  const ben = ["b5", "b4", "b3", "b2", "b1"];

  expect(await ids(store, { text: "What did Ana whisper?" })).toEqual(["a5", "a4", "a3", "a2", "a1"]);
  expect(await ids(store, { text: "Zed" })).toEqual([]);
  const quiet = await storeWith(CHAT.slice(1), []);
  expect(await ids(quiet, { text: "Ben" })).toEqual(ben);
  expect(await quiet.recall.search({ text: "Ben" }, { page: 1, size: 2 })).toMatchObject({
    total: 5,
    items: [{ id: "b3" }, { id: "b2" }],
  });
  expect(await ids(quiet, { text: '"Ben"' })).toEqual([]);
  expect(await ids(quiet, { text: "Ben", role: "assistant" })).toEqual([]);
});

test("filters accept any script and any form of a time, and find one speaker among many", async () => {
  const talk = (id: string, name: string, minute: number): Message => said(id, name, `Lunch with ${id}.`, minute);
  const store = await storeWith(
    [...Array.from({ length: 150 }, (_, n) => talk(`b${n}`, "Bob", n)), talk("a1", "Åsa", 151)],
    [],
  );

  expect(await ids(store, { text: "lunch", speaker: " åSA" })).toEqual(["a1"]);
  expect(await ids(store, { text: "What happened on 1 November 2026?", speaker: "Åsa" })).toEqual(["a1"]);
  const day = at(0).slice(0, 10);
  expect((await store.recall.search({ text: "lunch", range: { from: `${day}T00:00:00Z` } }, FIRST)).total).toBe(151);
  expect((await store.recall.searchDate({ from: `${day}T00:00:00Z` }, FIRST)).total).toBe(151);
});

test("after an undo or rewrite every page shows the present", async () => {
  const store = await storeWith(
    Array.from({ length: 5200 }, (_, n) => userMessage(`u${n}`, `boat ${n}`, at(n))),
    [],
  );
  const page = (page: number) => store.recall.search({ text: "boat" }, { page, size: 1000 });
  const first = await page(0);
  const state = newState();
  const gone = { messages: first.items.slice(0, 30).map(({ id }) => id), passages: [] };
  const change = { action: someAction(), cause: "pop", at: at(9), state, messages: [], passages: [] };
  await store.history.commit({ ...change, retracted: gone });

  const second = await page(1);
  expect(second.total).toBe(5170);
  const all = [
    ...(await page(0)).items,
    ...second.items,
    ...(await Promise.all([2, 3, 4, 5].map(page))).flatMap((it) => it.items),
  ];
  expect(new Set(all.map(({ id }) => id)).size).toBe(5170);

  await store.history.commit({
    ...change,
    action: someAction(),
    rewritten: [userMessage("u9", "something else", at(9))],
  });
  expect((await page(1)).total).toBe(5169);
});

test("emoji and other forms of the same letters are found", async () => {
  const store = await storeWith(
    [userMessage("u1", "party 🎉 tonight", at(1)), userMessage("u2", "ｈｅｌｌｏ ﬁle 한국어".normalize("NFD"), at(2))],
    [],
  );

  expect(await ids(store, { text: "🎉" })).toEqual(["u1"]);
  expect(await ids(store, { text: "hello" })).toEqual(["u2"]);
  expect(await ids(store, { text: "file" })).toEqual(["u2"]);
  expect(await ids(store, { text: "한국어" })).toEqual(["u2"]);
});

test("a NUL and ten thousand dates in a query are harmless", async () => {
  const store = await storeWith(CHAT, []);

  expect(await ids(store, { text: '"pottery\0lessons"' })).toEqual(["b3"]);
  expect(await ids(store, { text: "pottery\0_x" })).toContain("b3");
  expect(await ids(store, { text: `pottery ${"1 May 2023 ".repeat(900)}?` })).toContain("b3");
});
