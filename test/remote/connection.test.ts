import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { AgentEvent, Llm } from "memgpt";
import { RemoteMemGPT } from "memgpt/remote";
import { serve } from "memgpt/server";
import { ScriptedLlm } from "memgpt/testing";
import { expect, onTestFinished, test } from "vitest";
import { collect, temporaryFolder } from "../support/agents.ts";
import { testServer } from "../server/support/server.ts";
import { FlakyLine } from "./support/flaky-line.ts";
import { waitingLlm } from "./support/waiting-llm.ts";

const say = (message: string) => ({ think: "Now reply.", call: "send_message", args: { message } });

/** Agents of a server behind a line that can be cut. */
async function behindLine(llm: Llm, patienceMs?: number): Promise<{ memgpt: RemoteMemGPT; line: FlakyLine }> {
  const server = await testServer({ llm: () => llm });
  const line = await FlakyLine.to(server.url);
  const memgpt = await RemoteMemGPT.open({ url: line.url, patienceMs });
  onTestFinished(() => memgpt.close());
  return { memgpt, line };
}

/** What people have said to an agent. */
async function heard(memgpt: RemoteMemGPT): Promise<unknown[]> {
  const messages = await (await memgpt.openAgent("sam")).recall.latest(50);
  return messages.flatMap((message) =>
    message.role === "user" && message.event === "user_message"
      ? [(JSON.parse(message.content) as { message: unknown }).message]
      : [],
  );
}

test("a turn goes on when the connection breaks, and its client receives the rest once", async () => {
  const note = { call: "core_memory_append", args: { name: "human", content: "Sam.", request_heartbeat: true } };
  const { llm, go, asked } = waitingLlm([note, say("Hello Sam.")], 2);
  const { memgpt, line } = await behindLine(llm);
  const agent = await memgpt.createAgent({ name: "sam" });
  const events: AgentEvent[] = [];

  for await (const event of agent.send("I am Sam.")) {
    events.push(event);
    if (event.type === "step_end" && event.step === 1) line.cut();
    if (event.type === "retry") go();
  }

  const types = events.map(({ type }) => type);
  expect(types.filter((type) => type === "retry")).toHaveLength(1);
  expect(types.filter((type) => type === "memory_edit")).toHaveLength(1);
  expect(events.at(-1)).toMatchObject({ type: "turn_end", reply: "Hello Sam." });
  expect(asked()).toBe(2);
  expect(await heard(memgpt)).toEqual(["I am Sam."]);
});

test("a message whose answer is lost is stored once, and answered", async () => {
  const { memgpt, line } = await behindLine(new ScriptedLlm([say("Hello.")]));
  const agent = await memgpt.createAgent({ name: "sam" });
  line.swallows = true;

  const events: AgentEvent[] = [];
  for await (const event of agent.send("hi")) {
    events.push(event);
    line.swallows = false;
  }

  expect(events.at(-1)).toMatchObject({ type: "turn_end", reply: "Hello." });
  expect(await heard(memgpt)).toEqual(["hi"]);
});

test("an undo whose answer is lost is requested again, and done once", async () => {
  const { memgpt, line } = await behindLine(new ScriptedLlm([say("one"), say("two")]));
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.ask("first");
  await agent.ask("second");
  line.swallows = true;
  setTimeout(() => (line.swallows = false), 100);

  const { actions } = await agent.undo();

  expect(actions.map(({ label }) => label)).toEqual(['turn "second"']);
  expect(await heard(memgpt)).toEqual(["first"]);
});

test("a server that stays down is an error that says whether anything was sent", async () => {
  const { memgpt, line } = await behindLine(new ScriptedLlm([]), 300);
  const agent = await memgpt.createAgent({ name: "sam" });
  line.isDown = true;
  line.cut();

  await expect(collect(agent.send("hi"))).rejects.toMatchObject({ code: "server_unavailable", kept: "unknown" });
  await expect(agent.undo()).rejects.toMatchObject({ code: "server_unavailable" });
  const gone = await serve({ dir: temporaryFolder(), env: {}, port: 0 });
  await gone.close();
  await expect(RemoteMemGPT.open({ url: gone.url })).rejects.toMatchObject({
    code: "server_unavailable",
    kept: "nothing",
  });
  await expect(RemoteMemGPT.open({ url: "localhost" })).rejects.toMatchObject({ code: "invalid_input" });
});

test("a full queue is waited for", async () => {
  const { llm, go } = waitingLlm([say("one"), say("two")], 1);
  const server = await testServer({ llm: () => llm, mostWaiting: 0 });
  const memgpt = await RemoteMemGPT.open({ url: server.url });
  const agent = await memgpt.createAgent({ name: "sam" });
  const other = await memgpt.openAgent("sam");
  const first = collect(agent.send("I am first."));

  const events: AgentEvent[] = [];
  await expect.poll(async () => (await fetch(`${server.url}/v1/runs?active=true`)).json()).toHaveLength(1);
  for await (const event of other.send("I am second.")) {
    events.push(event);
    if (event.type === "retry") go();
  }

  expect((await first).at(-1)).toMatchObject({ reply: "one" });
  expect(events[0]).toMatchObject({ type: "retry" });
  expect(events.at(-1)).toMatchObject({ reply: "two" });
});

test("a key has its own agents, and only an admin's decides what happens on the server's machine", async () => {
  const server = await testServer();
  await server.accounts.addUser("ana");
  const ana = await RemoteMemGPT.open({
    url: server.url,
    token: (await server.accounts.createKey({ user: "ana" })).token,
  });
  const admin = await RemoteMemGPT.open({
    url: server.url,
    token: (await server.accounts.createKey({ user: "default", admin: true })).token,
  });
  const agent = await ana.createAgent({ name: "sam" });

  expect(await admin.hasAgent("sam")).toBe(false);
  await expect(RemoteMemGPT.open({ url: server.url })).rejects.toMatchObject({ code: "server_unavailable" });
  const endpoint = "http://127.0.0.1:9/v1";
  await expect(agent.configure({ model: "m", endpoint })).rejects.toThrow(/--admin/);
  await expect(ana.createAgent({ name: "eva", model: "m", endpoint })).rejects.toThrow(/--admin/);
  await expect(agent.setConsent("http_request", "always")).rejects.toThrow(/--admin/);
  const own = await admin.createAgent({ name: "kim" });
  await own.configure({ model: "m", endpoint });
  expect(own.state.settings.endpoint).toBe(endpoint);
});

test.each(["sk-mem\nsecret", "sk-mem secret", "sk-\u201cmem", ""])(
  "the token %j is refused, and not repeated",
  async (token) => {
    const opened = RemoteMemGPT.open({ url: "http://127.0.0.1:1", token });

    await expect(opened).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(/^The token contains characters that [^]* Nothing was sent\.$/) as unknown,
    });
  },
);

test("the error for a port that clients refuse says that nothing was sent", async () => {
  await expect(RemoteMemGPT.open({ url: "http://127.0.0.1:6000" })).rejects.toMatchObject({
    code: "server_unavailable",
    kept: "nothing",
    message: "The server at http://127.0.0.1:6000 does not answer (bad port). Nothing was sent.",
  });
});

test.each([
  ["lists", '{"object":"list","data":[]}'],
  ["pages", "<html><body>Hello</body></html>"],
])("the error for a server of %s says that it is not a memgpt server", async (_, answer) => {
  const other = createServer((_request, response) => response.end(answer));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void other.close());
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;

  await expect(RemoteMemGPT.open({ url })).rejects.toMatchObject({
    code: "server_unavailable",
    message: `The program at ${url} is not a memgpt server. Nothing was sent to it.`,
  });
});
