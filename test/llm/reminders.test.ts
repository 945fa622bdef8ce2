import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RemindingLlm } from "../../src/llm/reminders.ts";
import { estimateTokens } from "../../src/memory/tokens.ts";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { countingServer } from "../support/counting-server.ts";
import { CONTEXT, TextLlm } from "./json-functions/support.ts";

type Wire = readonly { readonly role: string; readonly content: string }[];

const REMINDER = /\n\n\(Reminder: act by calling a function\. Only send_message reaches the person\. .*\)$/;

async function messages(preset: string, config: object = {}): Promise<Wire[]> {
  const server = await countingServer();
  const dir = temporaryFolder();
  writeFileSync(join(dir, "config.json"), JSON.stringify(config));
  const memgpt = await testHome({ dir });
  const agent = await memgpt.createAgent(
    { name: "sam", model: "m", endpoint: server.endpoint, preset, contextWindow: 8192 },
    { verify: false },
  );
  await agent.ask("hello");
  await agent.ask("and again");
  expect(JSON.stringify(agent.state.queue)).not.toContain("Reminder");
  return server.seen.map(({ body }) => body["messages"] as Wire);
}

test("the tiny preset ends every request, and only its newest message, with a reminder that is stored nowhere", async () => {
  const requests = await messages("memgpt_tiny");

  for (const sent of requests) {
    expect(sent.at(-1)?.content).toMatch(REMINDER);
    expect(sent.slice(0, -1).filter(({ content }) => REMINDER.test(content))).toEqual([]);
  }
});

test("other presets do so only if configured", async () => {
  expect((await messages("memgpt_chat", { reminders: true })).at(-1)?.at(-1)?.content).toMatch(REMINDER);
  expect((await messages("memgpt_chat")).at(-1)?.at(-1)?.content).not.toMatch(/Reminder/);
});

test("the reminder takes its room from the answer, and mentions only functions that the agent has", async () => {
  const model = new TextLlm(["x", "x"]);
  const llm = new RemindingLlm(model);

  await drain(llm.complete({ context: CONTEXT, maxTokens: 500 }));
  await drain(llm.complete({ context: { ...CONTEXT, functions: [] }, maxTokens: 500 }));

  const [reminded, plain] = model.requests;
  const text = reminded?.context.queue.at(-1)?.content ?? "";
  const added = text.slice((CONTEXT.queue.at(-1)?.content ?? "").length);
  expect(added).toMatch(/Save what is lasting/);
  expect(added).not.toMatch(/Search/);
  expect((reminded?.maxTokens ?? 0) + estimateTokens(added)).toBeLessThanOrEqual(500);
  expect(plain).toEqual({ context: { ...CONTEXT, functions: [] }, maxTokens: 500 });
});

async function drain(stream: AsyncGenerator<unknown, unknown, void>): Promise<void> {
  while ((await stream.next()).done !== true);
}
