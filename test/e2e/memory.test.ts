import { describe, expect, test } from "vitest";
import * as z from "zod";
import { Answer, block, inspect, jsonLines, memgpt, newHome, output, say, search } from "./support/program.ts";

const CallEvent = z.looseObject({
  type: z.literal("function_call"),
  call: z.object({ name: z.string(), arguments: z.string() }),
});
const ReturnEvent = z.looseObject({
  type: z.literal("function_return"),
  name: z.string(),
  status: z.string(),
  output: z.string(),
});
const PressureEvent = z.looseObject({ type: z.literal("memory_pressure"), contextWindow: z.number() });

type Turn = {
  reply: string;
  calls: { name: string; arguments: string }[];
  returns: { name: string; output: string }[];
};

/** One message in a process of its own, and what the agent did about it. */
async function ask(home: string, message: string): Promise<Turn> {
  const flags = ["run", "--agent", "ada", "--output-format", "json", "-p", "-"];
  const { reply, events } = Answer.parse(JSON.parse(await output(home, flags, { input: message })));
  return {
    reply,
    calls: events.flatMap((event) => {
      const parsed = CallEvent.safeParse(event);
      return parsed.success ? [parsed.data.call] : [];
    }),
    returns: events.flatMap((event) => {
      const parsed = ReturnEvent.safeParse(event);
      return parsed.success ? [parsed.data] : [];
    }),
  };
}

type Line = { message: string; time?: string };

/** Many messages in one process. Returns the events of all. */
async function tell(home: string, lines: readonly Line[], ...flags: string[]): Promise<unknown[]> {
  const input = lines.map((line) => `${JSON.stringify({ type: "user_message", ...line })}\n`).join("");
  const formats = ["--input-format", "stream-json", "--output-format", "stream-json"];
  return jsonLines(await output(home, ["run", "--agent", "ada", ...formats, ...flags], { input }));
}

describe("core memory", () => {
  test("learns about James and the birthday, corrects it after the break-up, and survives the process", async () => {
    const home = newHome();

    const learnt = await ask(home, "It was a lovely day: my boyfriend James baked me a birthday cake!");
    const known = await block(home, "ada", "human");
    const remembered = await say(home, "ada", "What is my boyfriend's name?");
    const corrected = await ask(home, "Sad news. James and I broke up.");
    const after = await block(home, "ada", "human");
    const asked = await say(home, "ada", "Do I have a boyfriend?");

    expect(learnt.calls.map((call) => call.name)).toContain("core_memory_append");
    expect(known).toMatch(/boyfriend.*James/i);
    expect(known).toMatch(/birthday/i);
    expect(remembered).toContain("James");
    expect(corrected.calls.map((call) => call.name)).toContain("core_memory_replace");
    expect(after).not.toMatch(/^boyfriend named James\.?$/im);
    expect(after).toMatch(/ex|former|broke|no longer/i);
    expect(after.match(/James/g)).toHaveLength(1);
    expect(after).toMatch(/birthday/i);
    expect(asked).not.toMatch(/your boyfriend is (named )?James/i);
  });

  test("learns a name and corrects it in place; a value with $& in it is text", async () => {
    const home = newHome();

    await say(home, "ada", "My name is Beatrice.");
    const first = await block(home, "ada", "human");
    await say(home, "ada", "Actually, my name is Béa $& Co.");
    const second = await block(home, "ada", "human");

    expect(first).toMatch(/name:? .*Beatrice/i);
    expect(second).toContain("Béa");
    expect(second).not.toContain("Beatrice");
    expect(second.match(/name/gi)).toHaveLength(first.match(/name/gi)?.length ?? 0);
  });

  test("refuses more when full, without losing its content, and the agent still answers", async () => {
    const home = newHome();
    const hobbies = ["climbing", "origami", "beekeeping", "fencing", "pottery", "sailing", "juggling", "archery"];
    const lines = hobbies.map((hobby) => ({ message: `I like ${hobby} on every second Sunday of the month.` }));

    const events = await tell(home, lines, "--core-memory-limit", "250", "--persona", "sam_simple_pov_gpt35");

    const human = await block(home, "ada", "human");
    expect(human.length).toBeLessThanOrEqual(250);
    expect(human).toContain("climbing");
    expect(JSON.stringify(events).match(/"type":"turn_end"/g)).toHaveLength(hobbies.length);
    expect((await search(home, "ada", "archery")).total).toBeGreaterThan(0);
  });
});

describe("recall memory", () => {
  test("finds old messages with their dates and total", async () => {
    const home = newHome();
    await tell(home, [
      { message: "We rode every coaster at six flags today.", time: "2022-07-04T15:00:00Z" },
      { message: "The weather is dull.", time: "2022-08-01T15:00:00Z" },
      { message: "I am going back to six flags with my sister.", time: "2023-05-20T15:00:00Z" },
      { message: "I had soup.", time: "2023-09-09T15:00:00Z" },
    ]);

    const all = await search(home, "ada", '"six flags"');
    const { reply, calls } = await ask(home, "When did we talk about six flags?");
    const one = await search(home, "ada", "six flags", "--from", "2023-05-20", "--to", "2023-05-20");
    const text = await output(home, ["search", "ada", "six flags", "--from", "2022-07-04", "--to", "4 July 2022"]);

    expect(calls.map((call) => call.name)).toContain("conversation_search");
    expect(reply).toMatch(/4 July 2022|July 4, 2022|2022-07-04/);
    expect(reply).toMatch(/20 May 2023|May 20, 2023|2023-05-20/);
    expect(reply).toMatch(new RegExp(`\\b${all.total}\\b`));
    expect(all.results.filter((result) => result.role === "user")).toHaveLength(2);
    expect(one.results.find((result) => result.role === "user")?.text).toContain("with my sister");
    expect(text).toMatch(/\b\d+ of \d+ results \(page 1\/1\)/);
    expect(text).not.toContain("sister");
  });

  test("shows the session of each line, and can search a single session", async () => {
    const home = newHome();
    await tell(home, [
      { message: "The heron nests by the weir.", time: "2022-07-04T15:00:00Z" },
      { message: "The heron has two eggs.", time: "2022-07-04T15:05:00Z" },
      { message: "The heron flew away.", time: "2022-08-01T15:00:00Z" },
    ]);
    const flags = ["search", "ada", "heron", "--role", "user"];

    const text = await output(home, flags);
    const [session = ""] = /(?<=#)\d+(?= {2}user: The heron flew away)/.exec(text) ?? [];
    const later = await search(home, "ada", "heron", "--role", "user", "--session", session);
    const earlier = await output(home, [...flags, "--session", "1", "--around", "1"]);
    const passages = await memgpt(home, ["search", "ada", "heron", "--in", "archival", "--session", "1"]);

    expect(text).toMatch(/^2022-07-04 15:00 #1 {2}user: The heron nests/m);
    expect(later.results.map((result) => result.text)).toEqual(["The heron flew away."]);
    expect(earlier).toMatch(/^> 2022-07-04 15:05 #1 {2}user: The heron has two eggs/m);
    expect(earlier).not.toContain("flew");
    expect(passages).toMatchObject({ code: 2, stderr: expect.stringContaining("have no session") });
  });

  test("has consecutive pages without gap or repeat, and stable totals", async () => {
    const home = newHome();
    await tell(
      home,
      Array.from({ length: 23 }, (_, index) => ({ message: `Day ${index + 1} of the zeppelin log.` })),
      "--context-window",
      "16384",
    );

    const first = await search(home, "ada", "zeppelin");
    const pages = [first];
    for (let page = 2; page <= first.pages; page += 1)
      pages.push(await search(home, "ada", "zeppelin", "--page", `${page}`));
    const beyond = await search(home, "ada", "zeppelin", "--page", "99");

    const ids = pages.flatMap((page) => page.results.map((result) => result.id));
    const mine = pages.flatMap((page) => page.results.filter((result) => result.role === "user"));
    expect(first.pages).toBeGreaterThan(1);
    expect(pages.map((page) => page.total)).toEqual(pages.map(() => first.total));
    expect(ids).toHaveLength(first.total);
    expect(new Set(ids).size).toBe(first.total);
    expect(mine).toHaveLength(23);
    expect(beyond).toMatchObject({ total: first.total, pages: first.pages, results: [] });
  });

  test("covers the agent's words, too", async () => {
    const home = newHome();
    await say(home, "ada", "My cousin is called Ottoline.");
    const reply = await say(home, "ada", "Who is my cousin?");

    const { results } = await search(home, "ada", "Ottoline");

    expect(results.filter((result) => result.role === "assistant").map((result) => result.text)).toContain(reply);
  });
});

describe("archival memory", () => {
  test("is filled and paged through to its end, with the time of each insertion", async () => {
    const home = newHome();
    const facts = Array.from(
      { length: 14 },
      (_, index) => `moonbase sector ${index + 1} stores cargo lot ${1_000 + index * 7}`,
    );
    await tell(
      home,
      facts.map((fact) => ({ message: `Save to archival memory: ${fact}.` })),
    );

    const { reply, calls, returns } = await ask(
      home,
      "Search your archival memory for moonbase and page through to the end.",
    );
    const outside = await search(home, "ada", "moonbase", "--in", "archival");

    expect((await inspect(home, "ada")).archival.total).toBe(14);
    expect(outside.total).toBe(14);
    const searches = calls.filter((call) => call.name === "archival_memory_search");
    const pages = returns.filter((result) => result.name === "archival_memory_search").map((result) => result.output);
    expect(searches.length).toBeGreaterThan(1);
    expect(searches.length).toBe(pages.length);
    expect(pages[0]).toMatch(/Showing \d+ of 14 results \(page 1\/\d+\)/);
    expect(pages.at(-1)).toMatch(/\(page (\d+)\/\1\)/);
    expect(pages[0]).toMatch(/\d{4}/);
    for (const fact of facts) expect(pages.join("\n")).toContain(fact);
    expect(reply).toContain("14");
  });

  test("can be followed from key to value until the chain ends", async () => {
    const home = newHome();
    const [a, b, c, d, e] = [
      "831ce5a1-3f2b-4c47-9a55-0e7c9a1d2b01",
      "5e6ad8b2-7c14-4f0e-8d36-91b2f3c4d502",
      "c0f4e7c3-2a9d-4b61-b7e8-64d5a6f7e803",
      "19b7d2d4-8e53-4a72-a1c9-37f8b9e0c104",
      "f2a8c6e5-6d07-4e93-9f1b-5ac1d2b3f405",
    ] as const;
    const other = ["aaaa1111-0000-4000-8000-000000000001", "bbbb2222-0000-4000-8000-000000000002"] as const;
    const pairs = [
      [c, d],
      [other[0], other[1]],
      [a, b],
      [d, e],
      [b, c],
    ] as const;
    await tell(
      home,
      pairs.map(([key, value]) => ({
        message: `Save to archival memory: Key-value pair: key = ${key}, value = ${value}`,
      })),
    );

    const { reply, calls } = await ask(
      home,
      `What is the value of key ${a}? If the value is itself a key, look it up too, and go on until a value is not a key. Tell me the final value.`,
    );

    expect(reply).toContain(e);
    expect(reply).not.toContain(other[1]);
    expect(calls.filter((call) => call.name === "archival_memory_search").length).toBeGreaterThanOrEqual(4);
  });
});

describe("a window of 4,096 tokens", () => {
  test("comes under pressure, saves what matters, never overflows, and loses no message", async () => {
    const home = newHome();
    const animals = "aardvark badger capybara dingo echidna ferret gecko heron ibex jackal koala lemur".split(" ");
    const filler =
      "The afternoon went on and on, with rain on the roof and a kettle that never quite came to the boil. ".repeat(4);

    const events = await tell(
      home,
      [
        { message: "My doctor is called Ignatius and I am allergic to peanuts." },
        ...animals.map((animal, index) => ({
          message: `Chapter ${index + 1}, in which we meet a ${animal}. ${filler}`,
          time: `2024-0${1 + Math.floor(index / 4)}-1${index % 4}T10:00:00Z`,
        })),
      ],
      "--context-window",
      "4096",
    );
    const totals = await Promise.all(animals.map((animal) => search(home, "ada", animal)));
    const doctor = await say(home, "ada", "Who is my doctor?");
    const february = await search(home, "ada", "chapter", "--from", "2024-02-01", "--to", "2024-02-29");

    expect(events.some((event) => PressureEvent.safeParse(event).success)).toBe(true);
    expect(JSON.stringify(events)).toContain('"type":"queue_flush"');
    for (const used of JSON.stringify(events).matchAll(/"sections":(\{[^}]*\})/g)) {
      const sections = z.record(z.string(), z.number()).parse(JSON.parse(used[1] ?? ""));
      expect(Object.values(sections).reduce((sum, tokens) => sum + tokens, 0)).toBeLessThanOrEqual(4_096);
    }
    expect(totals.map(({ results }) => results.filter((result) => result.role === "user").length)).toEqual(
      animals.map(() => 1),
    );
    expect(doctor).toContain("Ignatius");
    expect(await block(home, "ada", "human")).toMatch(/peanuts/i);
    expect(february.results.filter((result) => result.role === "user")).toHaveLength(4);
    const { queue, recall, archival } = await inspect(home, "ada");
    expect(queue.messages).toBeLessThan(recall.total);
    expect(archival.total).toBeGreaterThan(0);
    expect(queue.tokens).toBeLessThan(4_096);
  });
});
