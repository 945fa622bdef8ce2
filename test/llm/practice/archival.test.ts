import { expect, test } from "vitest";
import { PracticeLoop } from "./practice-loop.ts";

const SECRET = "the treasure is buried under the third palm";

test.each([
  `save this: ${SECRET}`,
  `Please store this in archival memory: ${SECRET}`,
  `put the following in your archive: ${SECRET}`,
  `Can you save the following text for me:\n${SECRET}`,
  `insert into archival memory: ${SECRET}`,
  `${SECRET}.\nSave this in archival memory please`,
  `add this to your archival memory: ${SECRET}`,
])("%j inserts the text into archival memory", async (message) => {
  const loop = new PracticeLoop();
  const { replies } = await loop.say(message);

  expect(loop.archival.map(({ text }) => text.replace(/\.$/, ""))).toEqual([SECRET]);
  expect(loop.human).toBe("");
  expect(replies[0]).toContain("archival memory");
});

test("answers from the stored passage, not from the request to store it", async () => {
  const loop = new PracticeLoop();
  await loop.say("save this: the wifi password is hunter2");

  const { replies, calls } = await loop.say("what is the wifi password?");

  expect(calls.map(({ name }) => name)).toContain("archival_memory_search");
  expect(replies[0]).toContain("hunter2");
  expect(replies[0]).not.toContain("save this");
});

test("a long paste is stored whole", async () => {
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

test("asked for everything, it reads every page before it answers", async () => {
  const loop = stocked(12);
  const { replies, calls } = await loop.say("show me everything in your archive about llama");

  expect(calls.map(({ args }) => args["page"])).toEqual([undefined, 1, 2, undefined]);
  expect(replies[0]).toContain("12 passages");
  expect(replies[0]).toContain("number 12.");
});

test("the number of pages that it reads is limited", async () => {
  const { calls } = await stocked(500).say("list everything in archival memory about llama");

  expect(calls).toHaveLength(21);
});

const KEYS = Array.from({ length: 7 }, (_, n) => `${n}${n}${n}${n}${n}${n}${n}${n}-aaaa-4bbb-8ccc-dddddddddd0${n}`);

function chained(
  write = (key: string, value: string): string => `The parcel ${key} lies beside ${value}.`,
): PracticeLoop {
  const loop = new PracticeLoop();
  for (const [n, key] of KEYS.entries()) {
    const next = KEYS[n + 1];
    if (next !== undefined) loop.archival.push({ day: "2026-01-02", text: write(key, next) });
  }
  return loop;
}

test("follows identifiers from passage to passage to the end, and quotes the last", async () => {
  const { replies, calls } = await chained().say(`Where is parcel ${KEYS[0] ?? ""}?`);

  expect(calls.filter(({ name }) => name === "archival_memory_search").map(({ args }) => args["query"])).toEqual(
    KEYS.map((key) => `"${key}"`),
  );
  expect(replies[0]).toContain(`"The parcel ${KEYS[5] ?? ""} lies beside ${KEYS[6] ?? ""}."`);
});

test.each([
  (key: string, value: string) => `key = ${key}, value = ${value}`,
  (key: string, value: string) => `{"${key}": "${value}"}`,
  (key: string, value: string) => `${key} -> ${value}.`,
])("in any form of reference: %s", async (write) => {
  expect(await chained(write).ask(`What is the value of key ${KEYS[2] ?? ""}?`)).toContain(KEYS[6]);
});

test("circular references end", async () => {
  const loop = new PracticeLoop();
  loop.archival.push(
    { day: "2026-01-02", text: `key = ${KEYS[0] ?? ""}, value = ${KEYS[1] ?? ""}` },
    { day: "2026-01-02", text: `key = ${KEYS[1] ?? ""}, value = ${KEYS[0] ?? ""}` },
  );
  const { steps, replies } = await loop.say(`what is the value of key ${KEYS[0] ?? ""}?`);

  expect(steps).toBeLessThan(8);
  expect(replies[0]).toContain("key =");
});

test("says that an unknown identifier was not found", async () => {
  expect(await chained().ask("where is parcel 99999999-aaaa-4bbb-8ccc-dddddddddddd?")).toContain("found nothing");
});
