import { type Agent, MemGPT } from "memgpt";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { expect, onTestFinished, test } from "vitest";
import { memoryServer } from "../../src/server/mcp/memory-server.ts";
import { temporaryFolder } from "../support/agents.ts";
import { FakeModel, saying } from "../e2e/support/fake-model.ts";

const SECRET = "Diagnosed with kuru.";

async function agentWith(server: FakeModel): Promise<Agent> {
  const memgpt = await MemGPT.open({ dir: temporaryFolder(), env: {} });
  onTestFinished(() => memgpt.close());
  const agent = await memgpt.createAgent({ name: "ada", model: "some-model", endpoint: server.url }, { verify: false });
  await agent.addBlock({ label: "health", value: SECRET, limit: 500, private: true });
  return agent;
}

/** The address of the server that is not known to be this machine's. */
function elsewhere({ port }: FakeModel): string {
  return `http://0.0.0.0:${port}/v1`;
}

test("a private block is sent to a model on this machine, and never to one elsewhere", async () => {
  const server = await FakeModel.start([saying("Hello."), saying("Hello again."), { text: "We said hello." }]);
  const agent = await agentWith(server);

  await agent.ask("Hi.");
  expect(JSON.stringify(server.requests.at(-1)?.body)).toContain("kuru");
  await agent.configure({ endpoint: elsewhere(server) });
  const before = server.requests.length;
  await agent.ask("Hi again.");
  for await (const event of agent.summarize()) expect(event.type).not.toBe("turn_end");

  const sent = server.requests.slice(before).map(({ body }) => JSON.stringify(body));
  expect(sent.length).toBeGreaterThan(0);
  for (const body of sent) expect(body).not.toMatch(/kuru|health/);
});

test("a remote model does not see in the conversation what a local model wrote to the block", async () => {
  const append = {
    think: "She is ill, kuru it seems.",
    call: "core_memory_append",
    args: { name: "health", content: "Kuru, stage two.", request_heartbeat: true },
  };
  const server = await FakeModel.start([append, saying("Noted."), saying("Hello.")]);
  const agent = await agentWith(server);
  await agent.ask("What does the doctor say?");
  expect(agent.state.blocks.find(({ label }) => label === "health")?.value).toContain("stage two");
  await agent.configure({ endpoint: elsewhere(server) });

  await agent.ask("Hi.");

  expect(JSON.stringify(server.requests.at(-1)?.body)).not.toMatch(/kuru/i);
});

test.each([
  { call: "core_memory_replace", args: { name: "health", old_content: "kuru", new_content: "x" } },
  { call: "core_memory_append", args: { name: "health", content: "Well again." } },
])("a remote model cannot edit it with $call, and is not told that it exists", async (edit) => {
  const server = await FakeModel.start([edit, saying("Sorry.")]);
  const agent = await agentWith(server);
  await agent.configure({ endpoint: elsewhere(server) });

  await agent.ask("Guess.");

  expect(agent.state.blocks.find(({ label }) => label === "health")?.value).toBe(SECRET);
  expect(JSON.stringify(server.requests.at(-1)?.body)).toContain(
    "No core memory section named health. The sections are: persona, human",
  );
});

test("a shared block stays private when another agent or a person edits it", async () => {
  const server = await FakeModel.start([saying("Hello.")]);
  const memgpt = await MemGPT.open({ dir: temporaryFolder(), env: {} });
  onTestFinished(() => memgpt.close());
  const model = { model: "some-model", endpoint: elsewhere(server) };
  const ada = await memgpt.createAgent({ name: "ada", ...model }, { verify: false });
  const bob = await memgpt.createAgent({ name: "bob" }, { withoutModel: true });
  const { id } = await memgpt.blocks.create({ label: "health", value: SECRET, limit: 500, private: true });
  for (const agent of [ada, bob]) await memgpt.blocks.attach(agent, id);

  await bob.editBlock("health", `${SECRET} Stage two.`);
  await memgpt.blocks.change(id, { limit: 600 });
  await ada.ask("Hi.");

  expect(ada.state.blocks.at(-1)).toMatchObject({ value: `${SECRET} Stage two.`, limit: 600, private: true });
  expect(JSON.stringify(server.requests.at(-1)?.body)).not.toMatch(/kuru|health/);
  await memgpt.blocks.change(id, { private: false });
  await ada.receiveBlocks();
  expect(ada.state.blocks.at(-1)?.private).toBeUndefined();
});

test("other programs do not read or edit it over MCP, nor its history", async () => {
  const server = await FakeModel.start([saying("Hello."), saying("Hello again."), { text: "We said hello." }]);
  const agent = await agentWith(server);
  await agent.editBlock("health", `${SECRET} Stage two.`);
  const mcp = memoryServer({ name: "ada", use: async (work) => work(agent) });
  const client = new Client({ name: "test", version: "1" });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await Promise.all([mcp.connect(there), client.connect(here)]);

  const read = await client.callTool({ name: "memory_get", arguments: {} });
  const listed = await client.listResources();
  const history = await client.callTool({ name: "memory_history", arguments: {} });
  const edit = await client.callTool({ name: "memory_update", arguments: { block: "health", text: "Well again." } });

  expect(JSON.stringify([read, listed, history])).not.toMatch(/kuru|health/);
  expect(edit.isError).toBe(true);
  expect(agent.state.blocks.find(({ label }) => label === "health")?.value).toBe(`${SECRET} Stage two.`);
  expect(JSON.stringify(read)).toContain("persona");
  await expect(client.readResource({ uri: "memory://block/health" })).rejects.toThrow();
  await client.close();
});
