import type { Agent, AgentEvent } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { estimateTokens } from "../../src/memory/tokens.ts";
import { collect, testClock, testHome } from "../support/agents.ts";

/** An agent, and a way to have its model make one call and to read what came back. */
async function caller(contextWindow = 8192): Promise<{
  agent: Agent;
  call: (name: string, args: Record<string, unknown>) => Promise<string>;
  say: (message: string, time: string, reply?: string) => Promise<void>;
  clock: ReturnType<typeof testClock>;
}> {
  let answers: ConstructorParameters<typeof ScriptedLlm>[0] = [];
  const clock = testClock();
  const llm = {
    model: "scripted",
    complete: (request: Parameters<ScriptedLlm["complete"]>[0]) => new ScriptedLlm(answers).complete(request),
  };
  const memgpt = await testHome({ llm: () => llm, now: clock.now });
  const agent = await memgpt.createAgent({ name: "sam", contextWindow }, { verify: false });
  const call = async (name: string, args: Record<string, unknown>): Promise<string> => {
    answers = [
      {
        calls: [
          { call: name, args },
          { call: "send_message", args: { message: "done" } },
        ],
      },
    ];
    const events: AgentEvent[] = await collect(agent.send("go"));
    return (
      events.flatMap((event) => (event.type === "function_return" && event.name === name ? [event.output] : []))[0] ??
      ""
    );
  };
  const say = async (message: string, time: string, reply = "I see."): Promise<void> => {
    answers = [{ call: "send_message", args: { message: reply } }];
    await collect(agent.send({ type: "user_message", message, time }));
  };
  return { agent, call, say, clock };
}

test("conversation_search finds what the person said and what the agent said, with dates and the exact total", async () => {
  const { call, say } = await caller();
  await say("We went to Six Flags", "2023-05-08T13:56:00Z", "Six flags! Which ride was best?");
  await say("The coaster of course", "2023-05-08T13:57:00Z", "Of course.");
  for (let n = 0; n < 9; n += 1) await say(`Six Flags again, visit ${n}`, `2023-06-0${n + 1}T10:00:00Z`, "Again!");

  const first = await call("conversation_search", { query: "six flags" });
  const last = await call("conversation_search", { query: "six flags", page: 2 });
  const beyond = await call("conversation_search", { query: "six flags", page: "3" });

  expect(first).toMatch(
    /^Showing 5 of 11 results \(page 1\/3\): \["timestamp: 2023-0[56]-0\d \d\d:\d\d:\d\d [AP]M .*, (user|assistant) - /,
  );
  expect(last).toMatch(/^Showing 1 of 11 results \(page 3\/3\)/);
  expect(beyond).toBe("No results on page 4: there are 11 results on 3 pages.");
  expect(await call("conversation_search", { query: "flags ride best" })).toContain(
    "assistant - Six flags! Which ride was best?",
  );
});

test("the internal monologue and function returns are not searched", async () => {
  const { call } = await caller();
  await call("core_memory_append", { name: "human", content: "Owns a zeppelin.", request_heartbeat: false });

  expect(await call("conversation_search", { query: "zeppelin" })).toBe("No results found.");
});

test("treats search operators in a query as text", async () => {
  const { call, say } = await caller();
  await say('Our NOT AND "NEAR" C++ plan: a*b (x) col:umn', "2023-05-08T13:56:00Z");

  for (const query of ['"NEAR"', "C++", "col:umn", "NOT AND plan", "(x)", "a*b", "it's -", '"']) {
    expect(await call("conversation_search", { query })).toMatch(/^(Showing|No results found\.)/);
  }
  expect(await call("conversation_search", { query: "C++ plan" })).toMatch(/^Showing 1 of 1 /);
});

test("treats wildcards in a query as text", async () => {
  const { call, say } = await caller();
  await say("It is 100% wool, says a_b.", "2023-05-08T13:56:00Z");

  expect(await call("conversation_search", { query: '"100% wool"' })).toMatch(/^Showing 1 of 1 /);
  for (const query of ['"1%l"', '"says a%b"', '"1__% wool"']) {
    expect(await call("conversation_search", { query })).not.toMatch(/^Showing/);
  }
});

test.each([
  ["2023-05-07", "2023-05-08", 2],
  ["2023-05-08", "2023-05-08", 1],
  ["7 May 2023", "8 May 2023", 2],
  ["May 2023", "May 2023", 3],
  ["2023", "2023", 4],
  ["2023-05-07T12:00:00Z", "2023-05-31", 3],
  ["yesterday", "today", 1],
])(
  "conversation_search_date from %s to %s includes both days: %i messages of the person",
  async (start_date, end_date, count) => {
    const { agent, call, say } = await caller();
    for (const time of [
      "2023-05-07T00:00:01Z",
      "2023-05-08T23:59:58Z",
      "2023-05-31T12:00:00Z",
      "2023-06-01T00:00:01Z",
    ]) {
      await say(`said at ${time}`, time, "ok");
    }
    await say("said yesterday", "2026-11-20T09:00:00Z", "ok");
    expect(agent.name).toBe("sam");

    const output = await call("conversation_search_date", { start_date, end_date });

    // Each message and its answer are two results.
    expect(output).toMatch(new RegExp(`^Showing \\d+ of ${count * 2} results`));
  },
);

test.each([
  ["not a date", "today", /not a date/],
  ["2023-02-30", "2023-03-01", /not a day of the calendar/],
  ["2023-06-01", "2023-05-01", /is after the last/],
])("conversation_search_date from %s to %s tells the model what is wrong", async (start_date, end_date, message) => {
  const { call } = await caller();

  expect(await call("conversation_search_date", { start_date, end_date })).toMatch(message);
});

test("archival results carry the time of insertion, and page through to the end", async () => {
  const { call, clock } = await caller();
  for (let n = 0; n < 12; n += 1) {
    await call("archival_memory_insert", { content: `The coaster fact number ${n}`, request_heartbeat: false });
    clock.advance(60_000);
  }
  clock.advance(86_400_000);

  const pages = await Promise.resolve([0, 1, 2]).then(async (numbers) => {
    const outputs: string[] = [];
    for (const page of numbers) outputs.push(await call("archival_memory_search", { query: "coaster", page }));
    return outputs;
  });

  expect(pages[0]).toMatch(
    /^Showing 5 of 12 results \(page 1\/3\): \["timestamp: 2026-11-21 12:\d\d:00 PM .*, memory: The coaster fact/,
  );
  const found = pages.flatMap((page) => page.match(/fact number \d+/g) ?? []);
  expect(new Set(found).size).toBe(12);
});

test("a misspelt word finds a similar passage, after those that match", async () => {
  const { call } = await caller();
  await call("archival_memory_insert", {
    content: "The restaurant Bella Napoli has the best pizza",
    request_heartbeat: false,
  });

  expect(await call("archival_memory_search", { query: "restaurent pizzas napolis" })).toContain("Bella Napoli");
});

test("long or repeated texts become passages that are found separately", async () => {
  const { agent, call } = await caller();
  const text = Array.from(
    { length: 60 },
    (_, n) => `Sentence number ${n} tells of the harbour town and its people.`,
  ).join(" ");

  await call("archival_memory_insert", { content: `${text} The last word is xylophone.`, request_heartbeat: false });

  expect(await agent.archival.size()).toBeGreaterThan(1);
  expect(await call("archival_memory_search", { query: "xylophone" })).toMatch(/^Showing 1 of 1 result \(page 1\/1\)/);
});

test("a page never exceeds its share of a small window, however long the results", async () => {
  const { agent, call, say } = await caller(4096);
  for (let n = 0; n < 5; n += 1) await say(`harbour ${"long story ".repeat(2000)} ${n}`, `2023-05-0${n + 1}T10:00:00Z`);

  const output = await call("conversation_search", { query: "harbour" });

  expect(output).toMatch(/^Showing 5 of 5 results/);
  expect(output).toContain("… [cut, ");
  expect(estimateTokens(output)).toBeLessThanOrEqual(410);
  expect(agent.context().used).toBeLessThanOrEqual(4096);
});

test.each([
  ["吾輩は猫である。名前はまだ無い。", "名前"],
  ["昨日は友達と公園へ行った", "公園"],
  ["ผมชอบกินข้าวผัดทุกวัน", "ข้าวผัด"],
  ["Café Müller is closed", "cafe muller"],
  ["Мы ездили в Суздаль", "Суздаль"],
])("%s is found by %s", async (said, query) => {
  const { call, say } = await caller();
  await say(said, "2023-05-08T13:56:00Z");

  expect(await call("conversation_search", { query })).toMatch(/^Showing 1 of 1 result \(page 1\/1\)/);
});

test("in a conversation of several, results say who spoke", async () => {
  const { agent, call } = await caller();
  await agent.importMessages([
    { role: "user", text: "The violin is mine", name: "Bob", createdAt: "2026-01-01T10:00:00Z" },
    { role: "user", text: "The violin is loud", createdAt: "2026-01-01T10:01:00Z" },
  ]);

  const found = await call("conversation_search", { query: "violin" });

  expect(found).toContain("Bob - The violin is mine");
  expect(found).toContain("user - The violin is loud");
});
