import { type Agent, type AgentState, type ImportedMessage, LlmError } from "memgpt";
import { expect, test } from "vitest";
import { collect, scriptedAgent, testHome } from "../support/agents.ts";

const PAGE = { page: 0, size: 50 };

const CHAT: readonly ImportedMessage[] = [
  { role: "user", name: "Caroline", text: "I went to a support group yesterday.", createdAt: "2023-05-08T13:56:00Z" },
  { role: "assistant", name: "Melanie", text: "How brave of you!", createdAt: "2023-05-08T13:56:01Z" },
  {
    role: "user",
    name: "Caroline",
    text: "The lighthouse was closed, sadly.",
    createdAt: new Date("2023-05-25 10:00:00+02:00"),
  },
];

async function found(agent: Agent, text: string): Promise<string[]> {
  return (await agent.recall.search({ text }, PAGE)).items.map((hit) => hit.text);
}

async function foundInArchival(agent: Agent, text: string): Promise<string[]> {
  return (await agent.archival.search({ text }, PAGE)).items.map((hit) => hit.text);
}

/** What of a state an import must leave alone. */
function rest({ shown, ...state }: AgentState): unknown {
  return state;
}

test("an imported conversation is in recall, with who said it, when and in which session, and not in the context", async () => {
  const { agent } = await scriptedAgent([]);
  const before = agent.state;

  const ids = await agent.importMessages(CHAT);

  expect(rest(agent.state)).toEqual(rest(before));
  expect(await agent.recall.size()).toBe(3);
  const said = await agent.recall.searchDate({}, PAGE);
  expect(said.items).toEqual([
    expect.objectContaining({ id: ids[0], role: "user", speaker: "Caroline", text: CHAT[0]?.text }),
    expect.objectContaining({ id: ids[1], role: "assistant", speaker: "Melanie", text: CHAT[1]?.text }),
    expect.objectContaining({ id: ids[2], createdAt: "2023-05-25T08:00:00.000Z" }),
  ]);
  const [first, second, third] = said.items.map(({ session }) => session);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
  expect(await found(agent, "support group")).toEqual([CHAT[0]?.text]);
  expect(await agent.recall.get(ids[1] ?? "")).toMatchObject({ role: "assistant", name: "Melanie", content: null });
});

test("one undo removes an import from recall and its search, and a redo restores it", async () => {
  const { agent } = await scriptedAgent([]);
  await agent.importMessages(CHAT);

  const undone = await agent.undo();

  expect(undone.actions.map(({ label }) => label)).toEqual(["import of 3 messages"]);
  expect(undone.change.messages).toEqual({ removed: 3, added: 0, rewritten: 0 });
  expect(await agent.recall.size()).toBe(0);
  expect(await found(agent, "lighthouse")).toEqual([]);

  await agent.redo();

  expect(await agent.recall.size()).toBe(3);
  expect(await found(agent, "lighthouse")).toEqual([CHAT[2]?.text]);
});

test("the conversation goes on after an import, and undoing that turn leaves the import", async () => {
  const { agent } = await scriptedAgent([{ call: "send_message", args: { message: "Hello!" } }]);
  await agent.importMessages(CHAT);

  await collect(agent.send("Hello"));
  await agent.undo();

  expect(await agent.recall.size()).toBe(3);
  expect(await found(agent, "lighthouse")).toEqual([CHAT[2]?.text]);
});

test("the counts in the prompt are updated once they mislead", async () => {
  const { agent } = await scriptedAgent([]);

  await agent.importMessages(CHAT);
  expect(agent.state.shown).toMatchObject({ recall: 3, archival: 0 });

  await agent.addPassages([{ text: "A passage." }]);
  expect(agent.state.shown).toMatchObject({ recall: 3, archival: 1 });
});

test("a message without a time is from now, and without a name from the person or the agent", async () => {
  const { agent } = await scriptedAgent([]);

  await agent.importMessages([{ role: "user", text: "Just so." }]);

  const [said] = (await agent.recall.searchDate({}, PAGE)).items;
  expect(said).toMatchObject({ createdAt: "2026-11-21T12:00:00.000Z", speaker: null });
});

test.each<[string, unknown, string]>([
  ["a blank text", { role: "user", text: " \n" }, "Message 2 has no text."],
  ["no text at all", { role: "user" }, "messages[1].text must be text (got undefined)"],
  ["an invalid time", { role: "user", text: "Hi", createdAt: "soon" }, 'Message 2 has an invalid time, "soon"'],
  [
    "an invalid Date",
    { role: "user", text: "Hi", createdAt: new Date("soon") },
    "Message 2 has an invalid time, Invalid Date",
  ],
  ["a year out of reach", { role: "user", text: "Hi", createdAt: "+012023-01-01T00:00:00Z" }, "invalid time"],
  ["another role", { role: "system", text: "Hi" }, 'messages[1].role must be "user" or "assistant"'],
  ["a blank name", { role: "user", text: "Hi", name: "" }, 'Message 2 has a blank name ("")'],
])("refuses %s and keeps nothing of the import", async (_, bad, complaint) => {
  const { agent } = await scriptedAgent([]);
  const op = await agent.journal.head();

  const importing = agent.importMessages([{ role: "user", text: "Fine." }, bad as ImportedMessage]);

  await expect(importing).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining(complaint) as unknown,
  });
  expect(await agent.recall.size()).toBe(0);
  expect(await agent.journal.head()).toBe(op);
});

test("texts become passages: long ones in pieces, each text's ids together", async () => {
  const { agent } = await scriptedAgent([]);
  const long = "The harbour light was painted red again. ".repeat(60).trim();

  const ids = await agent.addPassages([
    { text: "Oslo has a lighthouse.", createdAt: "2020-01-01" },
    { text: long },
    { text: "Bergen has rain." },
  ]);

  expect(ids.map((those) => those.length)).toEqual([1, 3, 1]);
  expect(await agent.archival.size()).toBe(5);
  const pieces = await Promise.all((ids[1] ?? []).map((id) => agent.archival.get(id)));
  expect(pieces.map((piece) => piece?.text).join(" ")).toBe(long);
  expect(await agent.archival.get(ids[0]?.[0] ?? "")).toMatchObject({ createdAt: "2020-01-01T00:00:00.000Z" });
  expect(await foundInArchival(agent, "rain")).toEqual(["Bergen has rain."]);
});

test("passages are found by similarity too, and one undo removes them from every search", async () => {
  const { agent } = await scriptedAgent([]);
  await agent.addPassages([{ text: "Gardening in winter" }, { text: "Lighthouses of Norway" }]);
  const like = async (query: string): Promise<string[]> =>
    (await agent.find({ query, in: "archival" })).results.map(({ text }) => text);
  expect(await like("lighthousing")).toContain("Lighthouses of Norway");

  const undone = await agent.undo();

  expect(undone.actions.map(({ label }) => label)).toEqual(["import of 2 passages"]);
  expect(await agent.archival.size()).toBe(0);
  expect(await like("lighthousing")).toEqual([]);

  await agent.redo();

  expect(await agent.archival.size()).toBe(2);
  expect(await like("lighthousing")).toContain("Lighthouses of Norway");
});

test("a blank passage is refused and none is kept; importing nothing changes nothing", async () => {
  const { agent } = await scriptedAgent([]);
  const op = await agent.journal.head();

  await expect(agent.addPassages([{ text: "Fine." }, { text: "" }])).rejects.toMatchObject({ code: "invalid_input" });

  expect(await agent.archival.size()).toBe(0);
  expect(await agent.importMessages([])).toEqual([]);
  expect(await agent.addPassages([])).toEqual([]);
  expect(await agent.journal.head()).toBe(op);
});

test("a stopped import stores nothing", async () => {
  const { agent } = await scriptedAgent([]);
  const stop = new AbortController();
  const importing = agent.importMessages(
    Array.from({ length: 5000 }, (_, n) => ({ role: "user" as const, text: `Line ${n}` })),
    { signal: stop.signal },
  );

  stop.abort();

  await expect(importing).rejects.toMatchObject({ code: "interrupted" });
  expect(await agent.recall.size()).toBe(0);
});

test("passages that cannot be embedded are kept, with one attempt for all of them", async () => {
  let attempts = 0;
  const embed = async (): Promise<never> => {
    attempts += 1;
    throw new LlmError("nobody there");
  };
  const memgpt = await testHome({
    embedder: () => ({ model: "far away", dimensions: 3, minSimilarity: 0.5, embed }),
  });
  const agent = await memgpt.createAgent({});

  const ids = await agent.addPassages(Array.from({ length: 300 }, (_, n) => ({ text: `Passage ${n}` })));

  expect(ids).toHaveLength(300);
  expect(await agent.archival.size()).toBe(300);
  expect(attempts).toBe(1);
});

test("adding passages keeps none if it is stopped while embedding", async () => {
  const stop = new AbortController();
  const embed = async (_: readonly string[], signal?: AbortSignal): Promise<never[]> => {
    stop.abort();
    signal?.throwIfAborted();
    return [];
  };
  const memgpt = await testHome({
    embedder: () => ({ model: "slow", dimensions: 3, minSimilarity: 0.5, embed }),
  });
  const agent = await memgpt.createAgent({});

  const adding = agent.addPassages([{ text: "One" }], { signal: stop.signal });

  await expect(adding).rejects.toMatchObject({ code: "interrupted", message: "Stopped. Nothing was imported." });
  expect(await agent.archival.size()).toBe(0);
});
