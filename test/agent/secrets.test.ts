import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { updateConfig } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { collect, only, scriptedAgent, temporaryFolder, testHome } from "../support/agents.ts";

const TOKEN = `ghp_${"a1B2c3D4".repeat(5)}`;
const FIRST = { page: 0, size: 10 };
const hello: ScriptedAnswer = { call: "send_message", args: { message: "Hello." } };

/** Names of the files under `folder` that hold `text`. */
function filesWith(folder: string, text: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = join(folder, name);
    return statSync(path).isFile() && readFileSync(path).includes(text);
  });
}

test("a secret in a message reaches neither the model nor any file, and a notice names its kind", async () => {
  const { agent, llm, memgpt } = await scriptedAgent([hello]);

  const events = await collect(agent.send(`My token is ${TOKEN}, use it well.`));
  await agent.save();

  expect(only(events, "notice")).toMatchObject({
    code: "redacted",
    text: "Redacted before it was stored or sent: GitHub token.",
  });
  expect(only(events, "turn_start").input).toMatchObject({
    message: "My token is [redacted: GitHub token], use it well.",
  });
  expect(JSON.stringify(llm.seen)).toContain("[redacted: GitHub token]");
  expect(JSON.stringify(llm.seen)).not.toContain(TOKEN);
  expect(filesWith(memgpt.home.root, TOKEN)).toEqual([]);
});

test("keeps a secret if the caller says so", async () => {
  const { agent } = await scriptedAgent([hello]);

  const events = await collect(agent.send(`My token is ${TOKEN}.`, { secrets: "keep" }));

  expect(events.filter(({ type }) => type === "notice")).toEqual([]);
  expect((await agent.recall.search({ text: "token" }, FIRST)).items[0]?.text).toContain(TOKEN);
});

test("keeps a secret if the configuration says so, and redacts it if the caller does", async () => {
  const dir = temporaryFolder();
  const llm = new ScriptedLlm([hello, hello]);
  updateConfig((await testHome({ dir })).home, { secrets: "keep" });
  const memgpt = await testHome({ dir, llm: () => llm });
  const agent = await memgpt.createAgent({ name: "sam" });

  await collect(agent.send(`The first is ${TOKEN}`));
  await collect(agent.send(`The second is ${TOKEN}`, { secrets: "redact" }));

  const { items } = await agent.recall.search({ text: "first second" }, FIRST);
  const texts = items.map(({ text }) => text).sort();
  expect(texts).toContain(`The first is ${TOKEN}`);
  expect(texts).toContain("The second is [redacted: GitHub token]");
});

test("an edited message is screened too", async () => {
  const { agent } = await scriptedAgent([hello, hello]);
  await collect(agent.send("Hello"));

  await collect(agent.retry({ message: `Take ${TOKEN}` }));

  expect(await agent.lastUserMessage()).toBe("Take [redacted: GitHub token]");
});

test("secrets in imported messages and added passages are redacted", async () => {
  const { agent, memgpt } = await scriptedAgent([]);

  await agent.importMessages([{ role: "user", text: `Old token: ${TOKEN}` }]);
  await agent.addPassages([{ text: `A note with ${TOKEN} in it.` }]);
  await agent.save();

  expect((await agent.archival.search({ text: "note" }, FIRST)).items[0]?.text).toBe(
    "A note with [redacted: GitHub token] in it.",
  );
  expect(filesWith(memgpt.home.root, TOKEN)).toEqual([]);
});

test("what a person writes to memory by hand is screened, and the next turn names the kinds once", async () => {
  const { agent, memgpt } = await scriptedAgent([hello, hello]);
  await collect(agent.send("Hello"));

  expect(await agent.rewrite(`Take ${TOKEN}`)).toMatchObject({ after: "Take [redacted: GitHub token]" });
  expect(await agent.rethink(`Their token is ${TOKEN}`)).toMatchObject({
    after: "Their token is [redacted: GitHub token]",
  });
  expect(await agent.editBlock("human", `Token ${TOKEN}`)).toMatchObject({ after: "Token [redacted: GitHub token]" });
  await agent.changeBlock("human", { description: `Of ${TOKEN}` });
  await agent.addBlock({ label: "notes", value: TOKEN, limit: 100 });
  expect(await agent.setSystem(`You know ${TOKEN}.`)).toMatchObject({ after: "You know [redacted: GitHub token]." });
  expect(await agent.checkpoint(`with ${TOKEN}`)).toMatchObject({ name: "with [redacted: GitHub token]" });
  const events = await collect(agent.send("Hello again"));
  await agent.save();

  expect(only(events, "notice").text).toBe("Redacted before it was stored or sent: GitHub token.");
  expect(filesWith(memgpt.home.root, TOKEN)).toEqual([]);
});

test("an edited message of either side is screened", async () => {
  const { agent, memgpt } = await scriptedAgent([hello]);
  await collect(agent.send("Hello"));
  const said = agent.state.queue.findLast((message) => message.role === "user" && message.event === "user_message");

  await agent.editMessage(said?.id ?? "", `Take ${TOKEN}`);
  await agent.save();

  expect(await agent.lastUserMessage()).toBe("Take [redacted: GitHub token]");
  expect(filesWith(memgpt.home.root, TOKEN)).toEqual([]);
});

test("blocks and prompt of a new agent, shared blocks and personas are screened", async () => {
  const memgpt = await testHome({ llm: () => new ScriptedLlm([]) });
  const blocks = [{ label: "human", value: `Has ${TOKEN}`, limit: 100 }];

  const agent = await memgpt.createAgent({ name: "sam", blocks, system: `You keep ${TOKEN}.` });
  const { id } = await memgpt.blocks.create({ label: "team", value: TOKEN, limit: 100 });
  const changed = await memgpt.blocks.change(id, { value: `Now ${TOKEN}`, description: TOKEN });
  await memgpt.resources.save("humans", "ann", `Ann has ${TOKEN}.`);
  await agent.close();

  expect(agent.state.blocks[0]?.value).toBe("Has [redacted: GitHub token]");
  expect(changed).toMatchObject({ value: "Now [redacted: GitHub token]", description: "[redacted: GitHub token]" });
  expect(agent.notices).toContain("Redacted before it was stored or sent: GitHub token.");
  expect(filesWith(memgpt.home.root, TOKEN)).toEqual([]);
});

test("a block keeps its secret if the configuration says so", async () => {
  const dir = temporaryFolder();
  updateConfig((await testHome({ dir })).home, { secrets: "keep" });
  const memgpt = await testHome({ dir });

  expect(await memgpt.blocks.create({ label: "team", value: TOKEN, limit: 100 })).toMatchObject({ value: TOKEN });
});

test("the prompt as a setting, and what a summary is asked to keep, are screened", async () => {
  const { agent, llm } = await scriptedAgent([hello, hello, { think: "They said hello." }]);

  await agent.configure({ system: `You know ${TOKEN}.` });
  for (const text of ["Hello.", "Hello again."]) await collect(agent.send(text));
  await collect(agent.summarize({ hint: `Keep ${TOKEN}.` }));

  expect(agent.state.system).toBe("You know [redacted: GitHub token].");
  expect(JSON.stringify(llm.seen)).toContain("Keep [redacted: GitHub token].");
  expect(JSON.stringify(llm.seen)).not.toContain(TOKEN);
});

test("an agent that is wiped begins again without the secret that it was allowed to begin with", async () => {
  const dir = temporaryFolder();
  const { home } = await testHome({ dir });
  updateConfig(home, { secrets: "keep" });
  const blocks = [{ label: "human", value: `Has ${TOKEN}`, limit: 100 }];
  await (await (await testHome({ dir })).createAgent({ name: "sam", blocks }, { withoutModel: true })).close();
  updateConfig(home, { secrets: "redact" });
  const agent = await (await testHome({ dir })).openAgent("sam", {}, { withoutModel: true });
  expect(agent.state.blocks[0]?.value).toContain(TOKEN);

  await agent.wipe();

  expect(agent.state.blocks[0]?.value).toBe("Has [redacted: GitHub token]");
});
