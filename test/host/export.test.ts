import type { Message } from "memgpt";
import { expect, test } from "vitest";
import * as z from "zod";
import { exportText } from "../../src/host/export.ts";
import { newState, openStore, passage, reply, storeWith, userMessage } from "../storage/support.ts";
import { scriptedAgent, testHome } from "../support/agents.ts";

const Exported = z.strictObject({
  version: z.literal(1),
  agent: z.looseObject({ name: z.string(), settings: z.looseObject({ endpoint: z.string().nullable() }) }),
  messages: z.array(z.looseObject({ id: z.string(), role: z.enum(["user", "assistant", "function"]) })),
  passages: z.array(
    z.strictObject({ id: z.string(), text: z.string(), createdAt: z.iso.datetime(), origin: z.string().optional() }),
  ),
  checkpoints: z.array(z.looseObject({ number: z.number(), file: z.string() })),
});

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) text += chunk;
  return text;
}

async function* none(): AsyncGenerator<never, void, void> {}

/** The export of a store with these messages. */
async function exported(
  messages: readonly Message[],
  options: Parameters<typeof exportText>[1],
  endpoint: string | null = null,
): Promise<string> {
  const { recall, archival } = await storeWith(messages, [
    passage("p1", "Figs ripen in August."),
    passage("p2", "# Two\nlines"),
  ]);
  const { settings } = newState();
  const state = newState({ settings: { ...settings, endpoint } });
  return textOf(exportText({ state, recall, archival, checkpoints: [] }, options));
}

test("JSON is one object with every message in order, whatever its kind, every passage and every checkpoint", async () => {
  const { agent, memgpt } = await scriptedAgent([
    { call: "archival_memory_insert", args: { content: "Likes figs.", request_heartbeat: true } },
    { think: "I greet.", call: "send_message", args: { message: "Hello, fig lover!" } },
  ]);
  await agent.ask("I like figs");

  const text = await textOf(memgpt.exportAgent("sam", { format: "json" }));

  const json = Exported.parse(JSON.parse(text));
  expect(json.agent).toEqual(agent.state);
  expect(json.messages).toEqual(await agent.recall.latest(1000));
  expect(json.passages).toEqual(await agent.archival.latest(10));
  expect(json.checkpoints).toEqual(await agent.checkpoints());
});

test("an agent without messages is exported too", async () => {
  const memgpt = await testHome();
  await (await memgpt.createAgent({ name: "sam" })).close();

  const json = Exported.parse(JSON.parse(await textOf(memgpt.exportAgent("sam", { format: "json" }))));
  const markdown = await textOf(memgpt.exportAgent("sam", { format: "markdown" }));

  expect(json).toMatchObject({ messages: [], passages: [], checkpoints: [{ number: 1 }] });
  expect(markdown).toMatch(/## Conversation\n\nNothing yet\.\n\n## Archival memory\n\nNothing yet\./);
});

test.each([
  ["http://me:secret@127.0.0.1:8080/v1?key=secret#secret", "http://127.0.0.1:8080/v1"],
  ["https://api.example.org/v1", "https://api.example.org/v1"],
  ["secret", null],
])("the endpoint %s is exported without secrets", async (endpoint, shown) => {
  const text = await exported([], { format: "json" }, endpoint);

  expect(Exported.parse(JSON.parse(text)).agent.settings.endpoint).toBe(shown);
  expect(text).not.toContain("secret");
});

test("Markdown has the conversation by day and speaker, between core and archival memory; --all adds everything else", async () => {
  const messages = [
    userMessage("u1", "Roses are red,\nviolets are blue", "2026-11-01T12:00:00.000Z"),
    ...reply("a1", "A *fine* ode.", "2026-11-01T12:00:05.000Z"),
    userMessage("u2", "Good morning", "2026-11-03T12:00:00.000Z"),
  ];

  const said = await exported(messages, { format: "markdown" });
  const all = await exported(messages, { format: "markdown", all: true });

  const days = said.match(/^### 2026.*$/gm);
  expect(days?.slice(0, 2)).toEqual(["### 2026-11-01", "### 2026-11-03"]);
  expect(said).toMatch(/^# sam\n[^]*### human \(16\/2000 characters\)\n\n> First name: Chad\n\n## Conversation/);
  expect(said).toMatch(/\*\*You\*\*, \d\d:00\n\n> Roses are red, {2}\n> violets are blue\n\n\*\*sam\*\*, \d\d:00\n/);
  expect(said).toMatch(/> A \*fine\* ode\.\n\n### 2026-11-03\n\n\*\*You\*\*.*\n\n> Good morning\n\n## Archival memory/);
  expect(said).toContain("> Figs ripen in August.");
  expect(said).not.toContain("I answer.");
  expect(said).not.toContain("send_message");
  expect(all).toMatch(
    /\*sam thinks\*.*\n\n> I answer\.\n\n\*\*sam\*\*.*\n\n> A \*fine\* ode\.\n\n\*send_message: OK\*/,
  );
});

test("no text in an export can imitate its structure", async () => {
  const hostile = "```\n\n# Not a heading\r\n\n> quoted\r</details>\n    code";
  const call = { id: "c", name: "x`y`\n# z", arguments: '{"a": "```\n# no"}' };
  const messages: Message[] = [
    userMessage("u1", hostile, "2026-11-01T12:00:00.000Z"),
    { id: "a1", createdAt: "2026-11-01T12:00:00.000Z", role: "assistant", content: hostile, calls: [call] },
  ];

  const text = await exported(messages, { format: "markdown", all: true });

  const headings = text.split(/\r\n?|\n/).filter((line) => /^\s{0,3}(#|```|<)/.test(line));
  expect(headings.map((line) => line.replace(/\s.*/, ""))).toEqual(["#", "##", "###", "###", "##", "###", "##", "###"]);
  expect(text).toContain("x\\`y\\` \\# z");
});

test("every one of many messages is exported once, in order", async () => {
  const messages = Array.from({ length: 1203 }, (_, n) => userMessage(`m${n}`, `Message ${n}`));

  const json = Exported.parse(JSON.parse(await exported(messages, { format: "json" })));

  expect(json.messages.map(({ id }) => id)).toEqual(messages.map(({ id }) => id));
});

test("an export streams: an endless one begins at once and stops when its reader does", async () => {
  let made = 0;
  let closed = false;
  async function* endless(): AsyncGenerator<Message, void, void> {
    try {
      for (;;) yield userMessage(`m${(made += 1)}`, "All work and no play");
    } finally {
      closed = true;
    }
  }
  const source = { state: newState(), recall: { all: endless }, archival: { all: none }, checkpoints: [] };

  for (const format of ["json", "markdown"] as const) {
    made = 0;
    closed = false;
    for await (const chunk of exportText(source, { format })) {
      expect(chunk.length).toBeLessThan(70_000);
      break;
    }
    expect(made).toBeLessThan(2_000);
    expect(closed).toBe(true);
  }
});

test("an export does not include later writes", async () => {
  const { agent, memgpt } = await scriptedAgent([
    { call: "send_message", args: { message: "x".repeat(100_000) } },
    { call: "send_message", args: { message: "An afterthought" } },
  ]);
  await agent.ask("Tell me a lot");
  const chunks = memgpt.exportAgent("sam", { format: "json" });

  const first = await chunks.next();
  await agent.ask("Anything else?");
  const text = `${first.value ?? ""}${await textOf(chunks)}`;

  expect(text).not.toContain("afterthought");
  expect(Exported.parse(JSON.parse(text)).messages.length).toBeLessThan(await agent.recall.size());
});

test("a damaged message is reported, not printed", async () => {
  const store = await openStore();
  await store.history.commit({
    action: { id: "a", label: "a" },
    cause: "create",
    at: "2026-11-01T00:00:00.000Z",
    state: newState(),
    messages: [{ ...userMessage("u1", "x"), event: "nothing" } as unknown as Message],
    passages: [],
  });

  await expect(async () => {
    for await (const message of store.recall.all()) expect(message).toBeUndefined();
  }).rejects.toMatchObject({
    code: "storage_failed",
    message: "Message 1 in recall storage is damaged and cannot be read.",
  });
});
