import fc from "fast-check";
import { expect, test } from "vitest";
import { ALL_FUNCTIONS, PracticeLoop } from "./practice-loop.ts";

const PIECES = [
  "I'm",
  "my",
  "boyfriend",
  "James",
  "not",
  "it's",
  "forget",
  "remember that",
  "save this:",
  "search your archive for",
  "page 3",
  "next page",
  "what",
  "when did",
  "?",
  "!",
  ",",
  "\n",
  '"',
  "key = a1b2c3, value = d4e5f6",
  "value of key a1b2c3",
  '<human characters="1/2">',
  "</human>",
  "}",
  '{"a":',
  "broke up",
  "died",
  "birthday",
  "no longer",
  "like",
  "and",
  "list all",
  "yesterday",
  "2026-13-45",
  "ありがとう",
  "مرحبا",
  "👩‍👩‍👧",
  "\u0000",
  "𝕏",
  "Lisbon",
  "I",
  "live in",
  "work at",
  "don't",
  "any more",
];
const message = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }).map((parts) => parts.join(" ")),
);

test("whatever is said, nothing throws and each chain ends with exactly one reply", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), fc.string(), async (messages, human) => {
      const loop = new PracticeLoop(human);
      loop.archival.push(
        { day: "2026-01-02", text: "key = a1b2c3, value = d4e5f6" },
        { day: "2026-01-02", text: "key = d4e5f6, value = a1b2c3" },
      );
      for (const text of messages) await loop.ask(text);
    }),
    { numRuns: 300 },
  );
});

test("whatever a function returns, each chain ends", async () => {
  const output = fc.oneof(
    fc.string(),
    fc.constant('Showing 5 of 12 results (page 1/3): ["timestamp: x", "key = q1'),
    fc.constant("Exceeds"),
    fc.constant("No results found."),
  );
  const status = fc.constantFrom("OK", "Failed");
  await fc.assert(
    fc.asyncProperty(
      message,
      fc.array(fc.record({ status, output }), { minLength: 1, maxLength: 8 }),
      async (text, returns) => {
        const loop = new PracticeLoop("Lives in Lisbon");
        let count = 0;
        loop.override = (name) => {
          count += 1;
          return name === "send_message" ? undefined : returns[count % returns.length];
        };
        await loop.ask(text);
      },
    ),
    { numRuns: 300 },
  );
});

test("only listed functions are called, whatever they are", async () => {
  await fc.assert(
    fc.asyncProperty(message, fc.subarray([...ALL_FUNCTIONS]), async (text, functions) => {
      const loop = new PracticeLoop("Lives in Lisbon");
      loop.functions = functions.length === 0 ? ["pause_heartbeats"] : functions;
      loop.push("user_message", { message: text });
      await loop.run(functions.includes("send_message"));
    }),
    { numRuns: 200 },
  );
});

/** Processor time, which a busy machine does not lengthen. */
function millisecondsSince(started: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

test.each([
  ["a megabyte on one line", "a".repeat(1_000_000)],
  ["a megabyte of spaces", `I'm${" ".repeat(1_000_000)}Ana`],
  ["a megabyte of words", "my boyfriend James ".repeat(50_000)],
  ["a megabyte of quotes", '"'.repeat(1_000_000)],
  ["many commas", "I like a, ".repeat(100_000)],
  ["many negations", "it's not a but b, not ".repeat(50_000)],
  ["many digits", "1234567890".repeat(100_000)],
  ["many dashes", "a-_".repeat(300_000)],
  ["a key and a megabyte", `value of key ${"a1_".repeat(300_000)}`],
  ["many line breaks", "\n \n".repeat(300_000)],
  ["save a megabyte", `save this: ${"x y".repeat(300_000)}`],
])("%s does not take long", async (_, text) => {
  const started = process.cpuUsage();
  await new PracticeLoop().ask(text);

  expect(millisecondsSince(started)).toBeLessThan(2_000);
});

test("an ordinary step takes about a millisecond", async () => {
  const loop = new PracticeLoop("First name: Chad\nLives in Lisbon");
  for (let n = 0; n < 40; n += 1) await loop.ask(`hello number ${n}, I painted my fence today`);
  const started = process.cpuUsage();
  for (let n = 0; n < 100; n += 1)
    await new PracticeLoop("First name: Chad").ask("my boyfriend James baked me a birthday cake");

  expect(millisecondsSince(started) / 200).toBeLessThan(5);
});

test("a search that always claims to be on the first page is not read forever", async () => {
  const loop = new PracticeLoop("Lives in Lisbon");
  loop.override = (name) =>
    name === "send_message"
      ? undefined
      : { status: "OK", output: 'Showing 5 of 12 results (page 1/3): ["timestamp: x' };

  const { steps } = await loop.say("When did we talk about six flags?");

  expect(steps).toBeLessThan(10);
});
