import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

const KNOWN =
  "First name: Chad\nAge: 34 (as of 1 May 2026)\nLives in Lisbon\nWorks at Google\nBoyfriend named James\nSister named Eva (lives in Oslo)\n" +
  "Dog named Rex\nLikes jazz\nDislikes rain\nAllergic to peanuts\nFavourite colour: blue\nBirthday: 3 May\nComes from Leeds\nSpeaks Welsh\nLocker code: 4417";

test.each([
  ["what's my name?", "Chad"],
  ["do you remember my name", "Chad"],
  ["How old am I?", "34"],
  ["where do I live?", "Lisbon"],
  ["Do you know where I work?", "Google"],
  ["who's my employer", "Google"],
  ["What's my boyfriend called?", "James"],
  ["who is James?", "boyfriend"],
  ["am I dating anyone?", "James"],
  ["Where does my sister live?", "Oslo"],
  ["do I have any pets?", "Rex"],
  ["what do I like?", "jazz"],
  ["what do I hate?", "rain"],
  ["Am I allergic to anything?", "peanuts"],
  ["what's my favorite color?", "blue"],
  ["when is my birthday?", "3 May"],
  ["where am I from?", "Leeds"],
  ["which languages do I speak?", "Welsh"],
  ["what was my locker code again?", "4417"],
])("core memory answers %j without a search", async (question, answer) => {
  const { replies, calls } = await new PracticeLoop(KNOWN).say(question);

  expect(replies[0]).toContain(answer);
  expect(calls.map(({ name }) => name)).toEqual(["send_message"]);
});

test("asked what it knows, it tells every line", async () => {
  const reply = await new PracticeLoop(KNOWN).ask("what do you know about me?");

  for (const word of ["Chad", "Lisbon", "James", "Rex", "peanuts", "4417"]) expect(reply).toContain(word);
});

test("learn, correct, recall: the whole way", async () => {
  const loop = new PracticeLoop();
  await loop.ask("my boyfriend James baked me a birthday cake");
  expect(await loop.ask("who is my boyfriend?")).toContain("James");
  await loop.ask("James and I broke up");

  expect(loop.human).toBe("Ex-boyfriend named James\nBirthday around 21 November");
  expect(await loop.ask("what do you know about me?")).toContain("ex-boyfriend is named James");
});

test("it searches the conversation for what core memory does not hold, and quotes it with its date", async () => {
  const loop = new PracticeLoop("First name: Chad");
  loop.recall.push({ day: "2023-05-08", speaker: "user", text: "I went to six flags with my cousins, it was wild" });
  const { replies, calls } = await loop.say("do you remember when we talked about six flags?");

  expect(calls[0]?.args["query"]).toBe('"six flags"');
  expect(replies[0]).toContain("8 May 2023");
  expect(replies[0]).toContain("it was wild");
});

test("it tells how many there are, from the header", async () => {
  const loop = new PracticeLoop();
  for (let n = 0; n < 12; n += 1)
    loop.recall.push({ day: "2023-05-08", speaker: "user", text: `six flags visit number ${n}` });

  expect(await loop.ask("how many times did I mention six flags?")).toContain("12 messages");
});

test("the very question and other questions are not quoted where a statement exists", async () => {
  const loop = new PracticeLoop();
  const question = "when did Caroline go to the support group?";
  loop.recall.push(
    { day: "2023-05-09", speaker: "user", text: question },
    { day: "2023-05-09", speaker: "user", text: "did Caroline like the support group?" },
    { day: "2023-05-08", speaker: "user", text: "Caroline went to the LGBTQ support group yesterday" },
  );
  const reply = await loop.ask(question);

  expect(reply).toContain("LGBTQ");
  expect(reply).not.toContain("did Caroline");
});

test("what the conversation does not hold is looked up in archival memory", async () => {
  const loop = new PracticeLoop();
  loop.archival.push({ day: "2024-02-03", text: "The cabin key hangs behind the blue door." });
  const { replies, calls } = await loop.say("where does the cabin key hang?");

  expect(calls.map(({ name }) => name)).toEqual(["conversation_search", "archival_memory_search", "send_message"]);
  expect(replies[0]).toContain("behind the blue door");
});

test("it says honestly that it found nothing", async () => {
  expect(await new PracticeLoop().ask("what is the capital of France?")).toMatch(/found nothing/);
});

test.each([
  ["what did we talk about yesterday?", "2026-11-20", "2026-11-20"],
  ["What did we talk about last week?", "2026-11-09", "2026-11-15"],
  ["what did we discuss on 5 May?", "2026-05-05", "2026-05-05"],
  ["what did we talk about on May 5th, 2025", "2025-05-05", "2025-05-05"],
  ["what did I say on 2026-11-02?", "2026-11-02", "2026-11-02"],
  ["what did we talk about on Monday?", "2026-11-16", "2026-11-16"],
  ["what did we talk about in December?", "2025-12-01", "2025-12-31"],
  ["What did we chat about 3 days ago?", "2026-11-18", "2026-11-18"],
  ["what did we talk about between 3 May and 6 May?", "2026-05-03", "2026-05-06"],
])("%j searches from %s to %s", async (question, start_date, end_date) => {
  const { calls } = await new PracticeLoop().say(question);

  expect(calls[0]).toEqual({
    name: "conversation_search_date",
    args: { start_date, end_date, request_heartbeat: true },
  });
});

test("a search by date tells what was said then", async () => {
  const loop = new PracticeLoop();
  loop.recall.push({ day: "2026-11-20", speaker: "user", text: "I painted the fence green" });

  expect(await loop.ask("what did we talk about yesterday?")).toContain("painted the fence");
});

test("a failed search does not end in a loop", async () => {
  const loop = new PracticeLoop();
  loop.override = (name) => (name.endsWith("search") ? { status: "Failed", output: "database is gone" } : undefined);

  expect(await loop.ask("where is the treasure hidden?")).toMatch(/search failed/);
});

test("a message may tell and ask at once", async () => {
  const loop = new PracticeLoop("Dog named Rex");
  const reply = await loop.ask("I'm Ana and I live in Porto. What's my dog's name?");

  expect(loop.human).toBe("Dog named Rex\nName: Ana\nLives in Porto");
  expect(reply).toMatch(/Ana.*Rex/);
});
