import { describe, expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

/** Tells a few things, each on a day of its own, and then asks. */
async function afterwards(told: readonly string[], question: string): Promise<string> {
  const loop = new PracticeLoop();
  for (const [index, text] of told.entries()) {
    loop.day = `2026-05-${String(12 + index).padStart(2, "0")}`;
    await loop.ask(text);
  }
  loop.day = "2026-11-29";
  return loop.ask(question);
}

test("a question about children is answered with the child, not with the wife", async () => {
  const reply = await afterwards(["My wife is named Ana", "my son Leo is 3"], "do I have any kids?");

  expect(reply).toContain('"my son Leo is 3"');
  expect(reply).toContain("13 May 2026");
  expect(reply).not.toContain("Ana");
});

test("without children it says that it found nothing", async () => {
  const reply = await afterwards(["My wife is named Ana"], "do I have any kids?");

  expect(reply).toMatch(/found nothing you told me about that/);
  expect(reply).not.toContain("Ana");
});

test("what was sold since is quoted with its date, the newest last", async () => {
  const reply = await afterwards(["My car is a red Honda Civic", "I sold my car"], "what car do I have?");

  expect(reply).toMatch(/On 12 May 2026 you told me: "My car is a red Honda Civic"; on 13 May 2026: "I sold my car"/);
});

test("a correction stands beside what it corrects, with both dates", async () => {
  const loop = new PracticeLoop();
  loop.day = "2026-05-12";
  await loop.ask("my son Leo is 3");
  loop.day = "2026-11-29";
  await loop.ask("How old is Leo?");
  await loop.ask("Actually he is 4");

  expect(await loop.ask("How old is my son?")).toMatch(
    /12 May 2026.*"my son Leo is 3".*29 November 2026.*"Actually he is 4"/,
  );
});

test("a job mentioned later is quoted beside the first one", async () => {
  const doctor = await afterwards(["I work as a nurse", "Actually, I am a doctor"], "What do I do for work?");
  const german = await afterwards(["I work as a nurse", "Ich arbeite als Lehrerin"], "Was arbeite ich?");

  expect(doctor).toMatch(/, right after "I work as a nurse": "Actually, I am a doctor"\.$/);
  expect(german).toContain('"Ich arbeite als Lehrerin"');
});

test("a name that is denied is replaced", async () => {
  const loop = new PracticeLoop();
  for (const told of ["Ich heiße Eva", "Ich heiße nicht Eva, sondern Ute", "my dog is called Rex"])
    await loop.ask(told);
  await loop.ask("My dog is called Max, not Rex");

  expect(loop.human).toMatch(/^Name: Ute\nDog named Max\n/);
  expect(loop.human).not.toContain("Dog named Rex");
});

test("an abbreviation does not cut a fact off", async () => {
  const loop = new PracticeLoop();
  await loop.ask("I work as a nurse at St. Mary's hospital");

  expect(loop.human).toBe('2026-11-21: "I work as a nurse at St. Mary\'s hospital"');
});

test("does not congratulate on sad news", async () => {
  const reply = await new PracticeLoop().ask("my dog died last night");

  expect(reply).toBe('I\'m sorry to hear that. Noted, in your words: "my dog died last night".');
});

test.each([
  "Forget everything about my job",
  "vergiss alles über meinen Job",
  "olvida todo sobre mi trabajo",
  "oublie tout sur mon travail",
  "忘记关于我工作的一切",
  "انسَ كل شيء عن عملي",
])("%j takes the job out of core memory, and says what stays and how to remove it", async (request) => {
  const loop = new PracticeLoop("Name: Ada");
  await loop.ask("I work as a nurse");
  const { replies, calls } = await loop.say(request);

  expect(loop.human).toBe("Name: Ada");
  expect(calls[0]).toMatchObject({ name: "core_memory_replace", args: { new_content: "" } });
  expect(replies[0]).toContain('"Works as a nurse"');
  expect(replies[0]).toMatch(/stays in our conversation history.*\/forget TEXT erases it.*\/undo.*\/pop/);
});

test("asked to forget something unknown, it says so", async () => {
  const loop = new PracticeLoop("Name: Ada");

  expect(await loop.ask("forget what I said about sailing")).toMatch(/nothing in core memory.*sailing/);
  expect(loop.human).toBe("Name: Ada");
});

test("the poster's words are understood", async () => {
  const loop = new PracticeLoop();
  await loop.ask("my bf james baked me a birthday cake");
  expect(loop.human).toBe("Boyfriend named James\nBirthday around 21 November");
  await loop.ask("actually james and i broke up");

  expect(loop.human).toBe("Ex-boyfriend named James\nBirthday around 21 November");
});

describe("in any language", () => {
  test.each([
    ["Meine Katze heißt Minka", "Wie heißt meine Katze?", "Minka"],
    ["Ich habe mein Fahrrad in Köln verkauft", "Wo habe ich mein Fahrrad verkauft?", "Köln"],
    ["Mi hermana vive en Sevilla", "¿Dónde vive mi hermana?", "Sevilla"],
    ["我的猫叫小白", "我的猫叫什么名字？", "小白"],
    ["Mon chien s'appelle Filou", "Comment s'appelle mon chien ?", "Filou"],
    ["أخي اسمه سامي", "ما اسم أخي؟", "سامي"],
    ["I left my hat at the war museum", "where is my hat?", "hat"],
    ["Mein Großvater war Schuster", "Was war mein Großvater?", "Schuster"],
    ["Mi chat favorito murió", "¿Qué chat murió?", "chat"],
  ])("%j is quoted when asked %j", async (told, question, word) => {
    const reply = await afterwards([told], question);

    expect(reply).toContain(word);
    expect(reply).toContain("12 May 2026");
  });

  test("what was never said is not found", async () => {
    for (const question of ["Wo wohnt mein Bruder?", "¿Cómo se llama mi gato?", "我的生日是什么时候？", "أين أعمل؟"])
      expect(await afterwards(["I sold my old piano"], question), question).toContain("found nothing");
  });
});

test("a question asked before does not hide what answers it", async () => {
  const reply = await afterwards(["Adopté una tortuga", "¿Qué animal adopté?"], "¿Qué animal adopté?");

  expect(reply).toContain('"Adopté una tortuga"');
});

test("questions are never quoted as statements", async () => {
  const reply = await afterwards(["does my brother like chess?", "Is my brother in Oslo?"], "where is my brother?");

  expect(reply).toContain("found nothing");
  expect(reply).not.toContain("chess");
});
