import { spawn } from "node:child_process";
import { join } from "node:path";
import Letta from "@letta-ai/letta-client";
import { LlmError, MemGPT, type Llm } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../../support/agents.ts";
import { all, lettaAt, said, testLetta, testServer } from "../support/server.ts";

/** What people have said to an agent. */
async function heard(client: Awaited<ReturnType<typeof testLetta>>, agent: string): Promise<string[]> {
  const messages = await all(client.agents.messages.list(agent, { order: "asc" }));
  return messages.flatMap((one) =>
    one.message_type === "user_message" && typeof one.content === "string" ? [one.content] : [],
  );
}

test("a failing model does not make the client resend the message", async () => {
  let asked = 0;
  const failing: Llm = {
    model: "failing",

    async *complete() {
      asked += 1;
      throw new LlmError("The model is away.");
    },
  };
  const client = await testLetta({ llm: () => failing });
  const agent = await client.agents.create({});

  await expect(client.agents.messages.create(agent.id, { input: "hi" })).rejects.toMatchObject({ status: 502 });

  expect(asked).toBe(1);
  expect(await heard(client, agent.id)).toEqual([]);
});

test("a message resent under its otid is stored once, and answered with its result", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({});
  const message = { role: "user" as const, content: "I like tea.", otid: "one" };

  const first = await client.agents.messages.create(agent.id, { messages: [message] });
  const second = await client.agents.messages.create(agent.id, { messages: [message] });

  expect(said(second.messages)).toEqual(said(first.messages));
  expect(second.messages.map((part) => part.message_type)).toEqual(first.messages.map((part) => part.message_type));
  expect(await heard(client, agent.id)).toEqual(["I like tea."]);
});

test("an otid already used for different words is refused, and nothing is lost silently", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({});
  const send = async (content: string) =>
    client.agents.messages.create(agent.id, { messages: [{ role: "user", content, otid: "one" }] });
  const secret = `My key is sk-proj-${"a1B2".repeat(12)}.`;
  await send(secret);

  await expect(send("I like tea.")).rejects.toMatchObject({
    status: 409,
    message: expect.stringContaining("otid one"),
  });
  await send(secret);

  expect(await heard(client, agent.id)).toEqual([expect.stringContaining("[redacted")]);
});

test("an interrupted turn resumes when its message is resent, however often", async () => {
  const note = { call: "core_memory_append", args: { name: "human", content: "Tea.", request_heartbeat: true } };
  const reply = { call: "send_message", args: { message: "Noted." } };
  const llm = new ScriptedLlm([note, { error: new LlmError("The model is away.") }, reply]);
  const client = await testLetta({ llm: () => llm });
  const agent = await client.agents.create({});
  const send = () =>
    client.agents.messages.create(agent.id, { messages: [{ role: "user", content: "I like tea.", otid: "one" }] });

  await expect(send()).rejects.toMatchObject({ status: 502 });
  expect(said((await send()).messages)).toEqual(["Noted."]);
  expect(said((await send()).messages)).toEqual(["Noted."]);

  expect(await heard(client, agent.id)).toEqual(["I like tea."]);
});

test("the same words without an otid are a new message, unless the client marks a retry", async () => {
  const client = await testLetta();
  const agent = await client.agents.create({});
  const send = (count: string) =>
    client.agents.messages.create(agent.id, { input: "ok" }, { headers: { "x-stainless-retry-count": count } });

  await send("0");
  await send("0");
  await send("1");

  expect(await heard(client, agent.id)).toEqual(["ok", "ok"]);
});

test("an agent that is open elsewhere answers 409 once, and its message is stored once when it is sent again", async () => {
  const dir = temporaryFolder();
  const server = await testServer({ dir });
  let requests = 0;
  const client = new Letta({
    baseURL: server.url,
    apiKey: "any",
    fetch: async (...request) => {
      requests += 1;
      return fetch(...request);
    },
  });
  const other = await MemGPT.open({ dir, env: {} });
  onTestFinished(() => other.close());
  const agent = await other.createAgent({ name: "sam" });
  const [{ id } = { id: "" }] = await all(client.agents.list());
  const send = () =>
    client.agents.messages.create(id, { messages: [{ role: "user", content: "I like tea.", otid: "one" }] });
  requests = 0;

  await expect(send()).rejects.toMatchObject({ status: 409 });
  expect(requests).toBe(1);

  await agent.close();
  await send();
  await send();
  expect(await heard(client, id)).toEqual(["I like tea."]);
});

test("a full queue answers 429 without doing anything, and the client's retry is stored once", async () => {
  const slow = new ScriptedLlm([
    { call: "send_message", args: { message: "one" } },
    { call: "send_message", args: { message: "two" } },
  ]);
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const llm: Llm = {
    model: "slow",
    async *complete(request) {
      await held;
      return yield* slow.complete(request);
    },
  };
  const server = await testServer({ llm: () => llm, mostWaiting: 0 });
  const client = lettaAt(server);
  const agent = await client.agents.create({});
  const first = client.agents.messages.create(agent.id, { input: "hi" });
  await expect.poll(async () => (await all(client.runs.list({ active: true }))).length).toBe(1);

  const refused = await fetch(`${server.url}/v1/agents/${agent.id}/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input: "hi" }),
  });
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  release();
  await first;
  const headers = { "x-stainless-retry-count": "1" };
  expect(said((await client.agents.messages.create(agent.id, { input: "hi" }, { headers })).messages)).toEqual(["two"]);
  expect(await heard(client, agent.id)).toEqual(["hi", "hi"]);
});

test("a server killed under load keeps all that it acknowledged, and retrying clients store nothing twice", async () => {
  const dir = temporaryFolder();
  const start = async (port: number): Promise<{ url: string; kill: () => void }> => {
    const main = join(import.meta.dirname, "../../../src/cli/main.ts");
    const args = ["--import", "tsx", main, "server", "--quiet", "--port", String(port), "--home", dir];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const kill = (): void => void child.kill("SIGKILL");
    onTestFinished(kill);
    const url = await new Promise<string>((resolve) => {
      child.stdout.on("data", (data: Buffer) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(data.toString());
        if (found !== null) resolve(found[0]);
      });
    });
    return { url, kill };
  };
  const server = await start(0);
  const client = lettaAt(server).withOptions({ maxRetries: 8 });
  const agents = await Promise.all(["a", "b", "c"].map((name) => client.agents.create({ name })));
  const acknowledged = new Map(agents.map(({ id }) => [id, [] as string[]]));
  let restarted: Promise<unknown> | undefined;

  await Promise.all(
    agents.map(async ({ id }) => {
      for (let n = 0; n < 12; n += 1) {
        const content = `I have ${n} of ${id}`;
        await client.agents.messages.create(id, { messages: [{ role: "user", content, otid: content }] });
        acknowledged.get(id)?.push(content);
        if (n !== 5 || restarted !== undefined) continue;
        server.kill();
        restarted = start(Number(new URL(server.url).port));
      }
    }),
  );

  await restarted;
  for (const { id } of agents) expect(await heard(client, id)).toEqual(acknowledged.get(id));
}, 120_000);
