import { expect, test } from "vitest";
import { PracticeLlm } from "../../../src/llm/practice/practice-llm.ts";
import { complete, PracticeLoop } from "./practice-loop.ts";

const ALERT =
  "[This is an automated system message hidden from the user] Memory pressure: the conversation will soon be trimmed.";

test("introduces itself at the first login", async () => {
  const loop = new PracticeLoop();
  loop.push("login", { last_login: "Never (first login)" });
  const { replies } = await loop.run(true);

  expect(replies).toHaveLength(1);
  expect(replies[0]).toMatch(/practice model/);
});

test("greets a later login by name, with the time that has passed", async () => {
  const loop = new PracticeLoop("First name: Chad\nLikes jazz");
  loop.push("login", { last_login: "2026-11-14 05:37:00 PM UTC+0000 (7 days ago)" });
  const { replies } = await loop.run(true);

  expect(replies[0]).toMatch(/Chad.*7 days/s);
});

test("does not answer a login that comes with a message", async () => {
  const loop = new PracticeLoop("Lives in Lisbon");
  loop.push("login", { last_login: "Never (first login)" });

  expect(await loop.ask("where do I live?")).toMatch(/Lisbon/);
});

test("under memory pressure it silently saves, once and with its date, what neither memory has yet", async () => {
  const loop = new PracticeLoop();
  loop.push("user_message", { message: "The committee has moved the launch of the northern observatory. Thanks!" });
  loop.queue.push({
    id: "a",
    createdAt: "2026-11-21T01:40:27.000Z",
    role: "assistant",
    content: "",
    calls: [{ id: "x", name: "send_message", arguments: '{"message":"Nice"}' }],
  });
  await loop.ask("I sold my car");
  loop.push("system_alert", { message: ALERT });
  const first = await loop.run(false);
  loop.push("system_alert", { message: ALERT });
  const second = await loop.run(false);

  expect(first.calls.map(({ name }) => name)).toEqual(["archival_memory_insert"]);
  expect(loop.archival.map(({ text }) => text)).toEqual([
    '2026-11-21: "The committee has moved the launch of the northern observatory."',
  ]);
  expect(first.replies).toEqual([]);
  expect(second.calls).toEqual([]);
});

test("under memory pressure what was corrected since is not stored again", async () => {
  const loop = new PracticeLoop();
  await loop.ask("my boyfriend James is here");
  await loop.ask("James and I broke up");
  loop.push("system_alert", { message: ALERT });
  await loop.run(false);

  expect(loop.human).toBe("Ex-boyfriend named James");
});

test("an alert in the middle of a turn does not suppress the reply", async () => {
  const loop = new PracticeLoop();
  loop.beforeStep = (step) => {
    if (step === 2) loop.push("system_alert", { message: ALERT });
  };

  expect(await loop.ask("I live in Porto. The committee moved the launch of the observatory to spring.")).toContain(
    "Porto",
  );
});

test("a heartbeat with nothing to do ends silently", async () => {
  const loop = new PracticeLoop();
  await loop.ask("hello");
  loop.push("heartbeat", { reason: "[automated] timer" });
  const { calls } = await loop.run(false);

  expect(calls).toEqual([]);
});

test.each(["are you human?", "who are you", "What are you?", "are you ChatGPT?"])(
  "asked %j it says what it is",
  async (question) => {
    const reply = await new PracticeLoop().ask(question);

    expect(reply).toContain("practice model");
    expect(reply).toContain("--model-endpoint");
  },
);

test.each([
  ["hi", /^Hello, Chad/],
  ["Guten Morgen", /^Hello, Chad/],
  ["你好", /^Hello, Chad/],
  ["thanks!", /welcome/],
  ["muchas gracias", /welcome/],
  ["bye", /Goodbye/],
  ["How are you?", /practice model/],
  ["ok", /All right/],
  ["never mind", /All right/],
  ["what can you do?", /not a language model/],
])("%j is small talk: nothing is noted or searched", async (message, expected) => {
  const loop = new PracticeLoop("First name: Chad");
  const { replies, calls } = await loop.say(message);

  expect(replies[0]).toMatch(expected);
  expect(calls.map(({ name }) => name)).toEqual(["send_message"]);
  expect(loop.human).toBe("First name: Chad");
});

test("the monologue is one plain sentence", async () => {
  const loop = new PracticeLoop("First name: Chad");
  for (const message of [
    "I live in Porto (really)",
    'where is [the] {thing} "x"?',
    "save this: a",
    "what is the value of key a_b_1?",
  ])
    await loop.ask(message);

  for (const message of loop.queue) {
    if (message.role !== "assistant") continue;
    expect(message.content).not.toMatch(/[(){}[\]"_]/);
    expect((message.content ?? "").split(" ").length).toBeLessThan(50);
  }
});

test("functions that are not listed are never called", async () => {
  const loop = new PracticeLoop("Lives in Lisbon");
  loop.functions = ["send_message"];

  expect(await loop.ask("I moved to Porto. Save this: x. What did we say about six flags?")).not.toBe("");
  expect(await loop.ask("search your archive for llamas")).not.toBe("");
});

const TRANSCRIPT = `Earlier summary:
I met Ana, a nurse from Porto, on 3 May 2025; her dog is named Rex.
user (2026-11-20 01:40:27 AM UTC+0000): My boyfriend James took me to Lisbon
assistant (2026-11-20 01:40:30 AM UTC+0000): Nice!
user (2026-11-21 01:40:27 AM UTC+0000): James and I broke up. I moved to Faro.
user (2026-11-21 01:41:27 AM UTC+0000): what's my name?`;

test("without functions it summarizes, keeping names, facts and dates in under 100 words", async () => {
  const context = {
    system: "",
    functions: [],
    queue: [
      { id: "1", createdAt: "2026-11-21T00:00:00.000Z", role: "user", event: "system_alert", content: TRANSCRIPT },
    ],
  } as const;
  const { content, calls, finishReason } = await complete(new PracticeLlm(), context);

  expect(calls).toEqual([]);
  expect(finishReason).toBe("stop");
  for (const kept of ["Ana", "Rex", "3 May 2025", "James and I broke up", "Faro", "21 November 2026"])
    expect(content).toContain(kept);
  expect((content ?? "").split(/\s+/).length).toBeLessThan(100);
});

test("aborting stops between two pieces with the signal's reason", async () => {
  const loop = new PracticeLoop();
  loop.push("user_message", { message: "hello" });
  const controller = new AbortController();
  const reason = new Error("enough");
  const stream = new PracticeLlm().complete({ context: loop.context(), maxTokens: 100, signal: controller.signal });
  await stream.next();
  controller.abort(reason);

  await expect(stream.next()).rejects.toBe(reason);
});
