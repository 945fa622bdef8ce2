import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

const SECRET = "the treasure is buried under the third palm";

test.each([
  `save this: ${SECRET}`,
  `Please store this in archival memory: ${SECRET}`,
  `archive that ${SECRET}`,
  `put the following in your archive: ${SECRET}`,
  `Can you save the following text for me:\n${SECRET}`,
  `insert into archival memory: ${SECRET}`,
  `${SECRET}.\nSave this in archival memory please`,
  `add this to your archival memory: ${SECRET}`,
  `Remember this in archival memory: ${SECRET}`,
])("%j inserts the text into archival memory", async (message) => {
  const loop = new PracticeLoop();
  const { replies } = await loop.say(message);

  expect(loop.archival.map(({ text }) => text.replace(/\.$/, ""))).toEqual([SECRET]);
  expect(loop.human).toBe("");
  expect(replies[0]).toContain("archival memory");
});

test("what was put away is answered from archival memory, not from the request to put it away", async () => {
  const loop = new PracticeLoop();
  await loop.say("save this: the wifi password is hunter2");

  const { replies, calls } = await loop.say("what is the wifi password?");

  expect(calls.map(({ name }) => name)).toContain("archival_memory_search");
  expect(replies[0]).toContain("hunter2");
  expect(replies[0]).not.toContain("save this");
});

test("a long paste is kept whole", async () => {
  const loop = new PracticeLoop();
  const paste = Array.from({ length: 3000 }, (_, n) => `line ${n}`).join("\n");
  await loop.ask(`Save this:\n${paste}`);

  expect(loop.archival[0]?.text).toBe(paste);
});

test.each([
  "search your archival memory for palm trees",
  "look in your archive for palms",
  "what do you have in archival about the palm?",
  "search archival memory: palm",
])("%j searches archival memory", async (message) => {
  const loop = new PracticeLoop();
  loop.archival.push({ day: "2026-01-02", text: SECRET });
  const { replies, calls } = await loop.say(message);

  expect(calls[0]?.name).toBe("archival_memory_search");
  expect(replies[0]).toContain(SECRET);
});

function stocked(count: number): PracticeLoop {
  const loop = new PracticeLoop();
  for (let n = 1; n <= count; n += 1) loop.archival.push({ day: "2026-01-02", text: `llama fact number ${n}.` });
  return loop;
}

test("it pages on when asked, and says when there is no further page", async () => {
  const loop = stocked(12);
  expect(await loop.ask("search your archive for llama")).toMatch(/12 passages.*page 1 of 3/s);
  expect(await loop.ask("next page")).toContain("number 6.");
  expect(await loop.ask("more")).toContain("number 12.");
  expect(await loop.ask("next page please")).toMatch(/no page 4/);
  expect(await loop.ask("page 1")).toContain("number 1.");
});

test("asked for all, it reads every page before it answers", async () => {
  const loop = stocked(12);
  const { replies, calls } = await loop.say("show me everything in your archive about llama");

  expect(calls.map(({ args }) => args["page"])).toEqual([undefined, 1, 2, undefined]);
  expect(replies[0]).toContain("12 passages");
  expect(replies[0]).toContain("number 12.");
});

test("reading all pages is bounded", async () => {
  const { calls } = await stocked(500).say("list everything in archival memory about llama");

  expect(calls).toHaveLength(21);
});

const KEYS = Array.from({ length: 7 }, (_, n) => `${n}${n}${n}${n}${n}${n}${n}${n}-aaaa-4bbb-8ccc-dddddddddd0${n}`);

function chained(): PracticeLoop {
  const loop = new PracticeLoop();
  for (const [n, key] of KEYS.entries()) {
    const value = KEYS[n + 1];
    if (value !== undefined)
      loop.archival.push({ day: "2026-01-02", text: `Key-value pair: key = ${key}, value = ${value}` });
  }
  return loop;
}

test("it follows a chain of keys six deep and answers with nothing but the last value", async () => {
  const { replies, calls } = await chained().say(
    `What is the value of the key ${KEYS[0] ?? ""}? It may be a key itself. Answer with only the value.`,
  );

  expect(replies).toEqual([KEYS[6]]);
  expect(calls.slice(0, -1).map(({ args }) => args["query"])).toEqual(KEYS.map((key) => `"${key}"`));
});

test("not asked for the bare value, it answers with a sentence", async () => {
  const reply = await chained().ask(`look up key ${KEYS[4] ?? ""} for me, it is nested`);

  expect(reply).toContain(KEYS[6]);
  expect(reply).toContain(" ");
});

test("a result that holds the key as a value only is passed over, to the next page if need be", async () => {
  const loop = new PracticeLoop();
  const [key = "", value = ""] = KEYS;
  for (let n = 0; n < 7; n += 1) loop.archival.push({ day: "2026-01-02", text: `key = other-${n}, value = ${key}` });
  loop.archival.push({ day: "2026-01-02", text: `key = ${key}, value = ${value}` });
  const { replies, calls } = await loop.say(`value of key ${key}, only the value please`);

  expect(replies).toEqual([value]);
  expect(calls[1]?.args["page"]).toBe(1);
});

test.each([
  ["key = a1b2c3, value = d4e5f6", "key = d4e5f6, value = zz99yy"],
  ["key a1b2c3, value d4e5f6", "key d4e5f6, value zz99yy"],
  ["a1b2c3 = d4e5f6", "d4e5f6 = zz99yy"],
  ['{"a1b2c3": "d4e5f6"}', '{"d4e5f6": "zz99yy"}'],
  ["a1b2c3 -> d4e5f6", "d4e5f6 -> zz99yy."],
  ["The value of a1b2c3 is d4e5f6.", "The value of d4e5f6 is zz99yy."],
])("a chain written as %s is followed", async (...pairs) => {
  const loop = new PracticeLoop();
  for (const text of pairs) loop.archival.push({ day: "2026-01-02", text });

  expect(await loop.ask("What is the value of key a1b2c3? If it is a key too, follow it. Only the final value.")).toBe(
    "zz99yy",
  );
});

test("a chain that bites its tail ends", async () => {
  const loop = new PracticeLoop();
  loop.archival.push(
    { day: "2026-01-02", text: `key = ${KEYS[0] ?? ""}, value = ${KEYS[1] ?? ""}` },
    { day: "2026-01-02", text: `key = ${KEYS[1] ?? ""}, value = ${KEYS[0] ?? ""}` },
  );

  expect(await loop.ask(`what is the value of key ${KEYS[0] ?? ""}?`)).toMatch(/circle/);
});

test("a chain goes on from the last search alone when the queue was trimmed", async () => {
  const loop = chained();
  loop.beforeStep = (step) => {
    if (step > 1) loop.queue = loop.queue.slice(-3);
  };

  expect(await loop.ask(`What is the value of key ${KEYS[0] ?? ""}? Only the value.`)).toContain(KEYS[6]);
});

test("a key that is nowhere is reported as such", async () => {
  expect(await chained().ask("what is the value of key 99999999-aaaa-4bbb-8ccc-dddddddddddd?")).toMatch(/no value/);
});
