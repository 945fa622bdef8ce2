import type { Agent, AgentEvent, MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { type CountingOptions, type CountingServer, countingServer } from "../support/counting-server.ts";
import { collect, testHome } from "../support/agents.ts";

type Talk = { readonly agent: Agent; readonly server: CountingServer; readonly memgpt: MemGPT };

async function talk(
  { model = "some-model", contextWindow = 8192 }: { model?: string; contextWindow?: number },
  options: CountingOptions = {},
): Promise<Talk> {
  const server = await countingServer(options);
  const memgpt = await testHome();
  const chosen = { name: "sam", model, endpoint: server.endpoint, contextWindow };
  return { agent: await memgpt.createAgent(chosen, { verify: false }), server, memgpt };
}

const prose = (n: number): string => `On day ${n} we walked along the river, and talked about the garden. `.repeat(12);
const numbers = (n: number): string =>
  Array.from({ length: 150 }, (_, i) => `${(i * 7919 + n * 104_729) % 99_991}-${(i * 31 + n) % 97}`).join(" ");
const chinese = (n: number): string => `第${n}天，我们沿着河边散步，谈论花园里的花和邻居家的猫。`.repeat(25);

function notices(events: readonly AgentEvent[], code: string): string[] {
  return events.flatMap((event) => (event.type === "notice" && event.code === code ? [event.text] : []));
}

test.each([
  ["some-model", true],
  ["some-model", false],
  ["gpt-4o", true],
  ["gpt-4o", false],
])(
  "what is sent to %s fits the window by the server's own count, whatever is talked about (reported: %s)",
  async (model, reports) => {
    const { agent, server } = await talk({ model, contextWindow: 4096 }, { reports });

    for (let n = 0; n < 36; n += 1) {
      const texts = [prose, prose, prose, n % 8 === 3 ? chinese : n % 8 === 7 ? numbers : prose];
      await agent.ask((texts[n % 4] ?? prose)(n));
    }

    const sizes = server.seen.map(({ body }, n) => (server.counts()[n] ?? 0) + Number(body["max_tokens"]));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4096);
  },
);

test("so it does if one message is of a different kind from all before", async () => {
  const { agent, server } = await talk({ contextWindow: 8192 });
  const georgian = "მიყვარს საღამოს წიგნების კითხვა ჩაით, და მერე ბაღში გასვლა. ".repeat(6);

  for (let n = 0; n < 30; n += 1) await agent.ask(n % 6 === 5 ? numbers(n).repeat(20) : georgian);

  const sizes = server.seen.map(({ body }, n) => (server.counts()[n] ?? 0) + Number(body["max_tokens"]));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(8192);
});

test("if the server does not count, OpenAI's models are counted with their own vocabulary and others estimated", async () => {
  const openai = await talk({ model: "openai/gpt-4o-mini" }, { reports: false });
  const other = await talk({}, { reports: false });

  for (const { agent } of [openai, other]) for (let n = 0; n < 4; n += 1) await agent.ask(prose(n));

  const share = ({ agent, server }: Talk): number => agent.context().used / (server.counts().at(-1) ?? 0);
  // The newest answer has come into the context since; a parameter for thoughts was added to each function on the way.
  expect(share(openai)).toBeGreaterThan(0.95);
  expect(share(openai)).toBeLessThan(1.05);
  expect(share(other)).toBeGreaterThan(1.1);
});

test("after a change of model, nothing that still fits is flushed if its tokens can be counted beforehand", async () => {
  const { agent } = await talk({ contextWindow: 8192 });
  while (agent.context().used < agent.context().flushAt * 0.93) await agent.ask(prose(agent.state.queue.length));
  const queue = agent.state.queue.length;

  await agent.configure({ model: "gpt-4o" });
  const counted = await collect(agent.send("Still there?"));

  expect(counted.map(({ type }) => type)).not.toContain("queue_flush");
  expect(agent.state.queue.length).toBeGreaterThan(queue);
  // Nobody can tell beforehand how another maker's model counts: the estimate errs high, and it is flushed.
  await agent.configure({ model: "another-model" });
  expect((await collect(agent.send("And now?"))).map(({ type }) => type)).toContain("queue_flush");
});

test("a server that silently cuts prompts is reported once, with its window, and teaches nothing", async () => {
  const { agent, server } = await talk({ contextWindow: 16_384 }, { window: 5000 });
  const told: string[] = [];

  for (let n = 0; n < 24; n += 1) told.push(...notices(await collect(agent.send(prose(n))), "server_cuts"));

  expect(told).toEqual([
    expect.stringMatching(
      /^The server reads only 5000 of the \d+ tokens .*window of 16384 tokens, or run memgpt with --context-window 5000\.$/,
    ),
  ]);
  expect(agent.context().used).toBeGreaterThan((server.counts().at(-1) ?? 0) * 0.95);
});

test("so is one whose messages are each sent by a new process; setting the smaller window ends the reports", async () => {
  const { agent, memgpt, server } = await talk({ contextWindow: 16_384 }, { window: 5000 });
  await agent.close();
  const told: string[] = [];
  const send = async (n: number, contextWindow?: number): Promise<Agent> => {
    const opened = await memgpt.openAgent("sam", { contextWindow }, { verify: false });
    told.push(...notices(await collect(opened.send(prose(n))), "server_cuts"));
    await opened.close();
    return opened;
  };

  for (let n = 0; n < 20; n += 1) await send(n);
  expect(told).toHaveLength(1);
  const asked = server.seen.length;
  for (let n = 20; n < 34; n += 1) await send(n, 5000);

  expect(told).toHaveLength(1);
  expect(Math.max(...server.counts().slice(asked + 1))).toBeLessThanOrEqual(5000);
});

test("a window smaller than any agent's is reported without a flag that would be refused", async () => {
  const { agent } = await talk({ contextWindow: 8192 }, { window: 2048 });
  const told: string[] = [];

  for (let n = 0; n < 12; n += 1) told.push(...notices(await collect(agent.send(prose(n))), "server_cuts"));

  expect(told).toEqual([expect.stringMatching(/reads only 2048 of .*Start it with a window of 8192 tokens\.$/)]);
});
