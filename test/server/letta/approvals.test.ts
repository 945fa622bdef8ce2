import { ScriptedLlm } from "memgpt/testing";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { all, lettaAt, said, testLetta, testServer } from "../support/server.ts";

const roll = { call: "roll_dice", args: { sides: 6 } };
const reply = { call: "send_message", args: { message: "You rolled a 4." } };
const source = 'def roll_dice(sides: int) -> str:\n    """Rolls dice."""\n    return "4"\n';

/** An agent with a tool of Python source, whose model calls it. */
async function player(script: ConstructorParameters<typeof ScriptedLlm>[0]) {
  const llm = new ScriptedLlm(script);
  const client = await testLetta({ llm: () => llm });
  const tool = await client.tools.create({ source_code: source });
  const agent = await client.agents.create({ tool_ids: [tool.id] });
  return { client, agent, llm };
}

function requestIn(messages: readonly object[]): string {
  const found = messages.find((message) => "tool_call" in message && "tool_call_id" in Object(message.tool_call));
  expect(found).toMatchObject({ message_type: "approval_request_message" });
  return (found as { tool_call: { tool_call_id: string } }).tool_call.tool_call_id;
}

const returned = (tool_call_id: string, tool_return: string, status: "success" | "error" = "success") => ({
  messages: [{ type: "approval" as const, approvals: [{ type: "tool" as const, tool_call_id, tool_return, status }] }],
});

test("a Python tool is run by the client, whose answer lets the agent go on", async () => {
  const { client, agent, llm } = await player([roll, reply]);

  const asked = await client.agents.messages.create(agent.id, { input: "Roll a die." });
  expect(asked.stop_reason.stop_reason).toBe("requires_approval");
  const answered = await client.agents.messages.create(agent.id, returned(requestIn(asked.messages), "4"));

  expect(said(answered.messages)).toEqual(["You rolled a 4."]);
  expect(JSON.stringify(llm.seen[1]?.queue)).toContain("] 4 [");
  const listed = await all(client.agents.messages.list(agent.id, { order: "asc" }));
  expect(listed.map(({ message_type }) => message_type)).toEqual(
    expect.arrayContaining(["user_message", "approval_request_message", "tool_return_message", "assistant_message"]),
  );
  const ids = [...asked.messages, ...answered.messages].map(({ id }) => id);
  expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
});

test("a tool sent with the request need not be stored", async () => {
  const llm = new ScriptedLlm([{ call: "open_door", args: { which: "front" } }, reply]);
  const client = await testLetta({ llm: () => llm });
  const { id } = await client.agents.create({});
  const client_tools = [
    { name: "open_door", parameters: { type: "object", properties: { which: { type: "string" } } } },
  ];

  const stream = await client.agents.messages.create(id, { input: "Open the door.", client_tools, streaming: true });
  const parts = await all(stream);

  const stop = parts.find(({ message_type }) => message_type === "stop_reason");
  expect(stop).toMatchObject({ stop_reason: "requires_approval" });
  const answered = await client.agents.messages.create(id, {
    ...returned(requestIn(parts), "It is open."),
    client_tools,
  });
  expect(answered.stop_reason.stop_reason).toBe("end_turn");
  expect((await all(client.agents.tools.list(id))).map(({ name }) => name)).not.toContain("open_door");
});

test("a denied call fails for the model, with the reason, and an approved tool of a user's own is not run", async () => {
  const { client, agent, llm } = await player([roll, reply, roll, reply]);
  const decide = async (approve: boolean) => {
    const asked = await client.agents.messages.create(agent.id, { input: "Roll a die." });
    const tool_call_id = requestIn(asked.messages);
    const approvals = [{ type: "approval" as const, tool_call_id, approve, reason: "No gambling." }];
    await client.agents.messages.create(agent.id, { messages: [{ type: "approval", approvals }] });
    return JSON.stringify(llm.seen.at(-1)?.queue);
  };

  expect(await decide(false)).toContain("No gambling.");
  expect(await decide(true)).toContain("does not run its users' tools");
});

test("a function of the agent's own waits for approval where a rule says so, and then runs", async () => {
  const note = { call: "core_memory_append", args: { name: "human", content: "Likes tea.", request_heartbeat: true } };
  const llm = new ScriptedLlm([note, reply]);
  const client = await testLetta({ llm: () => llm });
  const { id } = await client.agents.create({});
  await client.agents.tools.updateApproval("core_memory_append", { agent_id: id, body_requires_approval: true });
  const human = async () => (await client.agents.blocks.retrieve("human", { agent_id: id })).value;

  const asked = await client.agents.messages.create(id, { input: "I like tea." });
  expect(await human()).not.toContain("Likes tea.");
  const approvals = [{ type: "approval" as const, tool_call_id: requestIn(asked.messages), approve: true }];
  await client.agents.messages.create(id, { messages: [{ type: "approval", approvals }] });

  expect(await human()).toContain("Likes tea.");
});

test("approval of a request does not carry over to the next one", async () => {
  const note = (content: string) => ({
    call: "core_memory_append",
    args: { name: "human", content, request_heartbeat: true },
  });
  const llm = new ScriptedLlm([note("One."), reply, note("Two."), reply]);
  const client = await testLetta({ llm: () => llm });
  const { id } = await client.agents.create({});
  await client.agents.tools.updateApproval("core_memory_append", { agent_id: id, body_requires_approval: true });
  const decide = async (approval_request_id: string | undefined, approve: boolean) =>
    client.agents.messages.create(id, {
      messages: [{ type: "approval", approval_request_id: approval_request_id ?? null, approve }],
    });
  const ask = async () => {
    const { messages } = await client.agents.messages.create(id, { input: "Note it." });
    return messages.find(({ message_type }) => message_type === "approval_request_message")?.id;
  };

  const first = await ask();
  await decide(first, false);
  const second = await ask();

  await expect(decide("x", true)).rejects.toMatchObject({ status: 422 });
  // It was answered before: what came of that is returned.
  await decide(first, true);
  expect((await client.agents.blocks.retrieve("human", { agent_id: id })).value).not.toContain("Two.");
  await decide(second, true);
  expect((await client.agents.blocks.retrieve("human", { agent_id: id })).value).toContain("Two.");
});

test("a repeated answer is stored once, and one to an unknown call is refused", async () => {
  const { client, agent } = await player([roll, reply]);
  const asked = await client.agents.messages.create(agent.id, { input: "Roll a die." });
  const answer = returned(requestIn(asked.messages), "4");

  const first = await client.agents.messages.create(agent.id, answer);
  const second = await client.agents.messages.create(agent.id, answer);

  expect(said(second.messages)).toEqual(said(first.messages));
  const listed = await all(client.agents.messages.list(agent.id));
  expect(listed.filter(({ message_type }) => message_type === "tool_return_message")).toHaveLength(1);
  await expect(client.agents.messages.create(agent.id, returned("call-none", "4"))).rejects.toMatchObject({
    status: 422,
  });
});

test("a call waits across a restart of the server", async () => {
  const dir = temporaryFolder();
  const llm = new ScriptedLlm([roll, reply]);
  const before = await testServer({ dir, llm: () => llm });
  const client = lettaAt(before);
  const tool = await client.tools.create({ source_code: source });
  const { id } = await client.agents.create({ tool_ids: [tool.id] });
  const asked = await client.agents.messages.create(id, { input: "Roll a die." });
  await before.close(0);

  const after = lettaAt(await testServer({ dir, llm: () => llm }));
  const answered = await after.agents.messages.create(id, returned(requestIn(asked.messages), "4"));

  expect(said(answered.messages)).toEqual(["You rolled a 4."]);
});

test("a tool with camelCase fields is stored too", async () => {
  const client = await testLetta();
  const json = { name: "run_local", description: "Runs a command.", parameters: { type: "object", properties: {} } };
  const fields = { name: "run_local", defaultRequiresApproval: true, sourceCode: "def run_local():\n    pass\n" };

  const body = { ...fields, jsonSchema: { type: "function", function: json } };
  const tool = await client.put<{ name: string }>("/v1/tools/", { body });

  expect(tool).toMatchObject({ name: "run_local", default_requires_approval: true, json_schema: json });
});
