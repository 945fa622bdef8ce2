import { describe, expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

async function after(message: string, known = ""): Promise<string[]> {
  const loop = new PracticeLoop(known);
  await loop.ask(message);
  return loop.human.split("\n").filter((line) => line !== "");
}

const own = (said: string): string => `2026-11-21: "${said}"`;

test.each([
  ["My name is Ana.", ["Name: Ana"]],
  ["Hi! my name is Ana and I live in São Paulo", ["Name: Ana", "Lives in São Paulo"]],
  ["My name is Ana, what's yours?", ["Name: Ana"]],
  ["Ich heiße Jürgen", ["Name: Jürgen"]],
  ["Me llamo Lucía", ["Name: Lucía"]],
  ["Je m'appelle Élodie", ["Name: Élodie"]],
  ["我的名字是安娜", ["Name: 安娜"]],
  ["اسمي سامي", ["Name: سامي"]],
  ["my boyfriend James baked me a birthday cake", ["Boyfriend named James", "Birthday around 21 November"]],
  ["my bf james", ["Boyfriend named James"]],
  ["My sister's name is Eva", ["Sister named Eva"]],
  ["My older brother Tom", ["Older brother named Tom"]],
  ["My birthday is on May 3rd", ["Birthday: May 3rd"]],
  ["I work as a botanist", ["Works as a botanist"]],
  ["I like football.", ["Likes football"]],
  ["I'd like you to remember for later that I like football.", ["Likes football"]],
  ["I don't like rain", ["Doesn't like rain"]],
])("%j is certain", async (message, lines) => {
  expect(await after(message)).toEqual(lines);
});

test.each([
  "my name is hard to pronounce",
  "my boyfriend is German",
  "I taught my son Chess",
  "I saw my doctor Monday",
  "I live in fear",
  "we moved to Linux",
  "I moved to Notion",
  "I moved to Oslo",
  "I work for free",
  "I like it when it rains",
  "James and I almost broke up",
  "If my name is Ana I win",
  'She said "my husband Tom is here"',
  "I sold my car",
  "Vendí mi piano",
  "我卖了车",
])("%j is kept in the person's own words, with the day", async (message) => {
  expect(await after(message)).toEqual([own(message)]);
});

test("the rest of a sentence is stored beside the fact", async () => {
  expect(await after("my son Leo is 3")).toEqual(["Son named Leo", own("my son Leo is 3")]);
});

test.each(["do I live in Porto?", "thanks!", "ok", "hi there", "Wohne ich in Köln?", "Forget it", "今天几号？"])(
  "stores nothing of %j",
  async (message) => {
    expect(await after(message, "Likes jazz")).toEqual(["Likes jazz"]);
  },
);

describe("a contradiction", () => {
  test.each([
    ["First name: Chad", "Hey there, my name is not Chad, it is John. What is yours?", ["First name: John"]],
    ["Birthday around 3 May", "My birthday is 5 May", ["Birthday: 5 May"]],
    ["Girlfriend named Eva\nLikes tea", "I broke up with Eva", ["Ex-girlfriend named Eva", "Likes tea"]],
  ])("of %j by %j, if certain, replaces it", async (known, message, lines) => {
    expect(await after(message, known)).toEqual(lines);
  });

  test.each([
    ["Lives in Porto", "I live in Oslo", "Lives in Oslo (said on 21 November 2026)"],
    ["Boyfriend named James", "My boyfriend is called Bob", "Boyfriend named Bob (said on 21 November 2026)"],
    ["Works as a nurse", "I work as a pilot", "Works as a pilot (said on 21 November 2026)"],
  ])("of %j by %j, if not certain, is stored beside it", async (known, message, line) => {
    expect(await after(message, known)).toEqual([known, line]);
  });
});

test("nothing is stored twice", async () => {
  const loop = new PracticeLoop();
  for (const message of ["I like jazz", "I sold my car", "I like jazz", "I sold my car"]) await loop.ask(message);

  expect(loop.human).toBe(`Likes jazz\n${own("I sold my car")}`);
});

test("removes only that line, even if others contain it", async () => {
  const loop = new PracticeLoop("Likes tea\nLikes teapots\nDoesn't like tea with milk");
  await loop.ask("forget about teapots");
  expect(loop.human).toBe("Likes tea\nDoesn't like tea with milk");

  loop.human = "Lives in York\nLives in Yorkshire";
  await loop.ask("forget York");
  expect(loop.human).toBe("Lives in Yorkshire");
});

test("what core memory has no room for goes to archival memory, and is found there", async () => {
  const loop = new PracticeLoop();
  loop.limit = 200;
  for (const said of [
    "I sold the red piano on Sunday",
    "I bought a kayak in Faro",
    "I lent my drill to Otto in spring",
  ])
    await loop.ask(said);
  const { replies } = await loop.say("I gave my stamps to the museum");

  expect(loop.human.length).toBeLessThanOrEqual(200);
  expect(replies[0]).toMatch(/no room.*archival memory, in your words: "I gave my stamps to the museum"/);
  expect(loop.archival.at(-1)?.text).toBe(own("I gave my stamps to the museum"));
});

test("says what memory refuses", async () => {
  const loop = new PracticeLoop();
  loop.override = (name) => (name === "send_message" ? undefined : { status: "Failed", output: "no" });

  expect(await loop.ask("I sold my car")).toMatch(/would not take that.*conversation history/);
});

test.each(["I lost my job", "Mein Hund ist gestern gestorben", "Mi abuela falleció", "我爷爷去世了"])(
  "%j is sad for certain",
  async (message) => {
    expect(await new PracticeLoop().ask(message)).toMatch(/^I'm sorry to hear that\. Noted, in your words/);
  },
);

test.each(["I nearly died laughing", "I sold my car", "The battery of my phone died"])(
  "%j may not be sad, so the answer is neutral",
  async (message) => {
    expect(await new PracticeLoop().ask(message)).toMatch(/^Noted, in your words/);
  },
);
