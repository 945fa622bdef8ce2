import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Agent, defineFunction } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import * as z from "zod";
import { expect, test } from "vitest";
import { renderExplanation } from "../../src/cli/slash/why.ts";
import { TestEmbedder } from "../support/embedder.ts";
import { collect, scriptedAgent, temporaryFolder, testHome } from "../support/agents.ts";

const FIRST = { page: 0, size: 10 };
const insert = (content: string): ScriptedAnswer => ({
  call: "archival_memory_insert",
  args: { content, request_heartbeat: true },
});
const done = { call: "send_message", args: { message: "Done." } };

test("passages keep their origin: the model, a client, an import", async () => {
  const { agent } = await scriptedAgent([insert("The harbour opens at six."), done]);
  await collect(agent.send("Note when the harbour opens."));
  await agent.addPassages([{ text: "The harbour has two piers." }], { by: "cursor" });
  await agent.importOnce({ messages: [], passages: [{ text: "The harbour was built in 1900." }], from: "Mem0" });

  const found = async (origin?: string): Promise<unknown[]> => {
    const { results } = await agent.find({ query: "harbour", in: "archival", origin });
    return results.map((result) => result.origin).sort();
  };

  expect(await found()).toEqual(["client:cursor", "import:Mem0", "model"]);
  expect(await found("client")).toEqual(["client:cursor"]);
  expect(await found("client:zed")).toEqual([]);
  await expect(agent.find({ query: "harbour", in: "archival", origin: "elsewhere" })).rejects.toThrow(
    'origin must be person, model, document, tool, agent, client, import, or one of these with a name, as in client:cursor (got "elsewhere").',
  );
  await expect(agent.find({ query: "harbour", origin: "client" })).rejects.toThrow("leave it out, or search archival");
});

test("after reading a tool's result, what the model writes has the tool as origin until the person speaks again", async () => {
  const lookUp = defineFunction({
    name: "look_up",
    description: "Looks something up.",
    kind: "outside_effect",
    parameters: z.object({}),
    run: () => ({ output: "The harbour opens at six." }),
  });
  const edit = { call: "core_memory_append", args: { name: "human", content: "Sails.", request_heartbeat: true } };
  const script = [
    { call: "look_up", args: { request_heartbeat: true } },
    insert("The harbour opens at six."),
    edit,
    done,
    insert("Kim sails on Sundays."),
    done,
  ];
  const llm = new ScriptedLlm(script);
  const memgpt = await testHome({ llm: () => llm, functions: [lookUp] });
  const agent = await memgpt.createAgent({ name: "sam" }, { allow: ["look_up"] });
  await agent.addFunction("look_up");
  await collect(agent.send("When does the harbour open?"));

  const why = await agent.why();
  expect(why?.edits.map(({ target, origin }) => [target, origin])).toEqual([
    ["archival", "tool:look_up"],
    ["human", "tool:look_up"],
  ]);
  expect((await agent.history("human")).at(-1)?.origin).toBe("tool:look_up");

  await collect(agent.send("I sail on Sundays."));
  const { items } = await agent.archival.search({ text: "Sundays" }, FIRST);
  expect(items[0]?.origin).toBe("model");
});

/** The origins of what the journal says of messages, by their role. */
async function originsOfMessages(agent: Agent): Promise<Record<string, unknown>> {
  const entries = await agent.journal.entries(0, await agent.journal.head());
  const messages = await Promise.all(
    entries.map(async ({ ref, origin }) => ({ origin, said: await agent.recall.get(ref) })),
  );
  return Object.fromEntries(
    messages.flatMap(({ origin, said }) => {
      if (said === undefined) return [];
      return [[said.role === "user" ? said.event : said.role, origin ?? null]];
    }),
  );
}

test("the journal says who wrote each message: the person, the model, a tool, an import, or nobody", async () => {
  const { agent } = await scriptedAgent([insert("The harbour opens at six."), done]);
  await collect(agent.send("Note when the harbour opens."));

  expect(await originsOfMessages(agent)).toEqual({
    login: null,
    user_message: "person",
    assistant: "model",
    function: expect.stringMatching(/^tool:/),
    heartbeat: null,
  });
  await agent.importMessages([{ role: "user", text: "I sail." }]);
  expect((await originsOfMessages(agent))["user_message"]).toMatch(/^import/);
});

test("a summary is from the model", async () => {
  const { agent } = await scriptedAgent([done, done, { think: "They said hello twice." }]);
  for (const text of ["Hello.", "Hello again."]) await collect(agent.send(text));
  await collect(agent.summarize());

  const entries = await agent.journal.entries(0, await agent.journal.head());

  const flushed = entries.find(({ cause, kind }) => cause === "queue_flush" && kind === "queue");
  expect(flushed?.origin).toBe("model");
});

test("what the model notes after it found something in a source has that source as origin", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "a.txt"), "The harbour opens at six.");
  const search = { call: "archival_memory_search", args: { query: "harbour", request_heartbeat: true } };
  const memgpt = await testHome({ llm: () => new ScriptedLlm([search, insert("The harbour opens at six."), done]) });
  for await (const event of memgpt.sources.load("harbours", [folder])) expect(event.type).not.toBe("failed");
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.attach("harbours");

  await collect(agent.send("When does the harbour open?"));

  expect((await agent.archival.latest(1))[0]?.origin).toBe("document:harbours");
});

test("a block that a person edits is from the person, one that a client edits from the client", async () => {
  const { agent } = await scriptedAgent([]);
  await agent.editBlock("human", "Kim.");
  await agent.editBlock("human", "Kim sails.", { by: "cursor" });

  expect((await agent.history("human")).map(({ origin }) => origin)).toEqual(["person", "client:cursor"]);
});

test("why names the model behind the signal `meaning`", async () => {
  const llm = new ScriptedLlm([
    { call: "archival_memory_search", args: { query: "Where did my ship go?", request_heartbeat: true } },
    done,
  ]);
  const embedder = new TestEmbedder("first");
  const memgpt = await testHome({ llm: () => llm, embedder: () => embedder });
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.addPassages([{ text: "My boat went to Oslo." }, { text: "The hound did go home." }]);
  await collect(agent.send("Where did my boat go?"));

  const why = await agent.why();

  expect(why?.searches[0]?.model).toBe("first");
  if (why === undefined) throw new Error("there is nothing to explain");
  expect(renderExplanation(why)).toMatch(/meaning by first \S+/);
});
