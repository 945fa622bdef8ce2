import { type Agent, MemGPT, type MemGPTOptions } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { OpenAiLlm } from "../../src/llm/openai/openai-llm.ts";
import { temporaryFolder, testClock } from "../support/agents.ts";
import { practiceServer } from "./practice-server.ts";

const SAID = [
  "My name is Ada and I live in Porto.",
  "My boyfriend James baked me a cake for my birthday.",
  "Save this: the boiler code is 4711.",
  "What is the boiler code?",
  "James and I broke up.",
  "I work as a botanist.",
  "What do you know about me?",
  "What did I say about the cake?",
  "thanks!",
  ...Array.from(
    { length: 14 },
    (_, n) => `Yesterday I walked ${n + 3} kilometres along the river and saw ${n + 2} herons.`,
  ),
  "How many herons did I see?",
];

/** What comes of the conversation: replies, thoughts, core memory, and what can be found. */
async function converse(llm: NonNullable<MemGPTOptions["llm"]> | undefined): Promise<unknown> {
  const clock = testClock();
  let ids = 0;
  const newId = (): string => `id-${(ids += 1)}`;
  const options = { dir: temporaryFolder(), env: {}, now: clock.now, newId };
  const memgpt = await MemGPT.open(llm === undefined ? options : { ...options, llm });
  onTestFinished(() => memgpt.close());
  const agent: Agent = await memgpt.createAgent({ name: "sam", contextWindow: 4096 });
  const replies = [];
  for (const said of SAID) {
    clock.advance(60_000);
    replies.push(await agent.ask(said));
  }
  const { blocks, queue } = agent.state;
  const shown = queue.map((message) => [message.role, message.content]);
  return { replies, blocks, shown, evicted: agent.state.evicted, found: (await agent.find({ query: "herons" })).total };
}

test.each([true, false])(
  "over HTTP, streaming: %s, the practice model has the same conversation as in the same process",
  async (stream) => {
    const endpoint = await practiceServer();

    const over = await converse(({ options }) => {
      return new OpenAiLlm({ model: "m", endpoint, apiKey: null, options: { ...options, stream } });
    });

    expect(over).toEqual(await converse(undefined));
  },
);

test("a long session leaves no listeners behind", async () => {
  const endpoint = await practiceServer();
  const warnings: string[] = [];
  const listener = (warning: Error): void => void warnings.push(warning.name);
  process.on("warning", listener);
  onTestFinished(() => void process.off("warning", listener));

  await converse(() => new OpenAiLlm({ model: "m", endpoint, apiKey: null }));
  // Warnings are told in the next round of the event loop.
  await new Promise((resolve) => setImmediate(resolve));

  expect(warnings).toEqual([]);
});
