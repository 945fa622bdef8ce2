import { MemGPT, MemGPTError } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { OpenAiLlm } from "../../src/llm/openai/openai-llm.ts";
import { seeded } from "../crash/random.ts";
import { temporaryFolder } from "../support/agents.ts";
import { faultProxy } from "./fault-proxy.ts";
import { practiceServer } from "./practice-server.ts";

const TURNS = 500;
/** In milliseconds: what is stalled is given up soon. */
const LIMITS = { connectMs: 100, firstMs: 100, betweenMs: 100, wholeMs: 500 };

test("over a faulty network, 500 turns end in a reply or a clear error, and no message is lost or duplicated", async () => {
  const { url, done } = await faultProxy(await practiceServer(), seeded(7));
  const memgpt = await MemGPT.open({
    dir: temporaryFolder(),
    env: {},
    llm: ({ options }) =>
      new OpenAiLlm({
        model: "m",
        endpoint: url,
        apiKey: null,
        options,
        limits: LIMITS,
        sleep: async () => undefined,
        random: seeded(1),
      }),
  });
  onTestFinished(() => memgpt.close());
  const agent = await memgpt.createAgent({ name: "sam" }, { verify: false });

  const outcomes = { replied: 0, failed: 0 };
  for (let n = 0; n < TURNS; n += 1) {
    const before = await agent.recall.size();
    const replies: string[] = [];
    let [steps, flushes] = [0, 0];
    try {
      for await (const event of agent.send(`Note ${n}: the word of the hour is zebra${n}x.`)) {
        if (event.type === "assistant_message") replies.push(event.text);
        if (event.type === "step_end") steps += 1;
        if (event.type === "queue_flush") flushes += 1;
      }
      expect(replies.length, `turn ${n}`).toBeGreaterThan(0);
      outcomes.replied += 1;
    } catch (error) {
      if (!(error instanceof MemGPTError)) throw error;
      expect(error.code).toBe("llm_unavailable");
      expect(error.message.length).toBeLessThan(400);
      outcomes.failed += 1;
    }
    const { items } = await agent.recall.search({ text: `"zebra${n}x"` }, { page: 0, size: 10 });
    expect(items.filter(({ role }) => role === "user").length, `turn ${n}`).toBe(steps > 0 ? 1 : 0);
    // A flush before the step that failed stays: its summary is kept.
    if (steps === 0) expect(await agent.recall.size(), `turn ${n}`).toBe(before + flushes);
  }

  expect(outcomes.replied + outcomes.failed).toBe(TURNS);
  expect(outcomes.replied).toBeGreaterThan(TURNS * 0.8);
  expect(new Set(done).size).toBe(8);
  const said = await agent.recall.searchDate({}, { page: 0, size: 5000 });
  expect(new Set(said.items.map(({ id }) => id)).size).toBe(said.total);
  await agent.close();
  const again = await memgpt.openAgent("sam");
  expect((await again.recall.searchDate({}, { page: 0, size: 1 })).total).toBe(said.total);
}, 120_000);
