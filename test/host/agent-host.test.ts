import { type Agent, AgentHost, type AgentHostOptions, type AgentKey, type MemGPT, MemGPTError } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { testHome } from "../support/agents.ts";

/** A host over a home with agents of these names, and what it opened, in order. */
async function hostOf(names: readonly string[], options: AgentHostOptions = {}) {
  const memgpt = await testHome();
  for (const name of names) await (await memgpt.createAgent({ name })).close();
  const opened: string[] = [];
  const open = async ({ name }: AgentKey): Promise<Agent> => {
    opened.push(name);
    return memgpt.openAgent(name);
  };
  const host = new AgentHost(open, options);
  onTestFinished(() => host.close());
  return { host, memgpt, opened };
}

/** Work that ends when it is let. */
function held() {
  let end = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { work: async (agent: Agent) => done.then(() => agent.name), end };
}

const isFree = async (memgpt: MemGPT, name: string): Promise<boolean> =>
  memgpt.openAgent(name).then(
    async (agent) => agent.close().then(() => true),
    () => false,
  );

test("requests for one agent are served one after another, in order", async () => {
  const { host, opened } = await hostOf(["sam"]);
  const served: number[] = [];
  let running = 0;

  await Promise.all(
    [1, 2, 3, 4].map((number) =>
      host.use({ name: "sam" }, async (agent) => {
        running += 1;
        expect(running).toBe(1);
        await agent.ask(`My number is ${number}.`);
        served.push(number);
        running -= 1;
      }),
    ),
  );

  expect(served).toEqual([1, 2, 3, 4]);
  expect(opened).toEqual(["sam"]);
});

test("different agents are served concurrently", async () => {
  const { host } = await hostOf(["sam", "eva"]);
  const slow = held();

  const first = host.use({ name: "sam" }, slow.work);
  expect(await host.use({ name: "eva" }, async (agent) => agent.name)).toBe("eva");
  slow.end();

  expect(await first).toBe("sam");
});

test("a full queue refuses requests with a clear error, and goes on", async () => {
  const { host } = await hostOf(["sam"], { mostWaiting: 1 });
  const slow = held();
  const first = host.use({ name: "sam" }, slow.work);
  const second = host.use({ name: "sam" }, async (agent) => agent.name);

  await expect(host.use({ name: "sam" }, async () => 3)).rejects.toMatchObject({
    code: "queue_full",
    message: expect.stringContaining("1 requests already wait for agent sam") as string,
  });
  slow.end();

  expect(await Promise.all([first, second])).toEqual(["sam", "sam"]);
});

test("if there is no room, the least recently used idle agent is closed", async () => {
  const { host, memgpt, opened } = await hostOf(["a", "b", "c"], { mostOpen: 2 });
  const name = async (agent: Agent): Promise<string> => agent.name;
  for (const it of ["a", "b", "a", "c"]) await host.use({ name: it }, name);

  expect(host.residents.map((it) => it.name)).toEqual(["a", "c"]);
  expect(await isFree(memgpt, "b")).toBe(true);
  expect(await isFree(memgpt, "a")).toBe(false);

  await host.use({ name: "b" }, name);
  expect(opened).toEqual(["a", "b", "c", "b"]);
  expect(host.residents.map((it) => it.name)).toEqual(["c", "b"]);
});

test("while all are busy, another agent waits", async () => {
  const { host } = await hostOf(["a", "b"], { mostOpen: 1 });
  const slow = held();
  const first = host.use({ name: "a" }, slow.work);
  let isServed = false;
  const second = host.use({ name: "b" }, async (agent) => {
    isServed = true;
    return agent.name;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(isServed).toBe(false);

  slow.end();

  expect(await Promise.all([first, second])).toEqual(["a", "b"]);
  expect(host.residents.map((it) => it.name)).toEqual(["b"]);
});

test("an agent that nobody asks for is closed after a while", async () => {
  const { host, memgpt } = await hostOf(["sam"], { idleMs: 20 });
  await host.use({ name: "sam" }, async (agent) => agent.name);

  await expect.poll(() => host.residents).toEqual([]);
  expect(await isFree(memgpt, "sam")).toBe(true);
});

test("a caller who gives up waiting does not delay the others", async () => {
  const { host } = await hostOf(["sam"]);
  const slow = held();
  const first = host.use({ name: "sam" }, slow.work);
  const giving = new AbortController();
  const second = host.use({ name: "sam" }, async () => "never", { signal: giving.signal });
  const third = host.use({ name: "sam" }, async () => "third");

  giving.abort();

  await expect(second).rejects.toMatchObject({ code: "interrupted" });
  slow.end();
  expect(await Promise.all([first, third])).toEqual(["sam", "third"]);
});

test("an agent that cannot be opened fails its request, and no other", async () => {
  const { host } = await hostOf(["sam"]);

  const results = await Promise.allSettled([
    host.use({ name: "nobody" }, async () => 1),
    host.use({ name: "nobody" }, async () => 2),
    host.use({ name: "sam" }, async () => 3),
  ]);

  expect(results.map((it) => (it.status === "fulfilled" ? it.value : (it.reason as MemGPTError).code))).toEqual([
    "agent_not_found",
    "agent_not_found",
    3,
  ]);
  expect(host.residents.map((it) => it.name)).toEqual(["sam"]);
});

test("a caller who stops reading a stream frees the agent", async () => {
  const { host } = await hostOf(["sam"]);

  for await (const event of host.stream({ name: "sam" }, (agent) => agent.send("Hello!"))) {
    if (event.type === "turn_start") break;
  }

  expect(await host.use({ name: "sam" }, async (agent) => agent.name)).toBe("sam");
});

test("requests waiting for an agent that is removed fail", async () => {
  const { host, memgpt } = await hostOf(["sam"]);
  const slow = held();
  const first = host.use({ name: "sam" }, slow.work);
  const removed = host.whileClosed({ name: "sam" }, () => memgpt.deleteAgent("sam"));
  const late = host.use({ name: "sam" }, async () => "never");

  slow.end();

  expect(await first).toBe("sam");
  await removed;
  await expect(late).rejects.toMatchObject({ code: "agent_not_found" });
  expect(host.residents).toEqual([]);
});

test("closing refuses waiting requests, lets running ones finish, and closes the agents", async () => {
  const { host, memgpt } = await hostOf(["sam"]);
  const slow = held();
  const first = host.use({ name: "sam" }, slow.work);
  const second = host.use({ name: "sam" }, async () => "never");

  const closing = host.close();
  await expect(second).rejects.toMatchObject({ code: "interrupted" });
  slow.end();
  await closing;

  expect(await first).toBe("sam");
  expect(await isFree(memgpt, "sam")).toBe(true);
  await expect(host.use({ name: "sam" }, async () => 1)).rejects.toBeInstanceOf(MemGPTError);
});

test("agents of the same name of different owners are separate", async () => {
  const opened: AgentKey[] = [];
  const { memgpt } = await hostOf(["sam", "other"]);
  const host = new AgentHost(async (key) => {
    opened.push(key);
    return memgpt.openAgent(key.owner === "ben" ? "other" : key.name);
  });
  onTestFinished(() => host.close());
  const slow = held();

  const first = host.use({ owner: "ann", name: "sam" }, slow.work);
  const second = await host.use({ owner: "ben", name: "sam" }, async (agent) => agent.name);

  expect(second).toBe("other");
  slow.end();
  expect(await first).toBe("sam");
  expect(opened.map(({ owner }) => owner)).toEqual(["ann", "ben"]);
});
