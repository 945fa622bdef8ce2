// A custom function: the agent calls it, and the model sees its result.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemGPT, defineFunction } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import * as z from "zod";

const rollDice = defineFunction({
  name: "roll_dice",
  description: "Rolls dice and returns what they show.",
  kind: "plain",
  parameters: z.object({
    count: z.number().int().min(1).max(20).describe("How many dice."),
    sides: z.number().int().min(2).default(6),
  }),
  run: ({ count, sides }) => {
    const rolls = Array.from({ length: count }, () => 1 + Math.floor(Math.random() * sides));
    return { output: `Rolled ${rolls.join(", ")}, ${rolls.reduce((sum, roll) => sum + roll, 0)} in all` };
  },
});

// A script replaces the model, so that the example runs offline. Leave out `llm` to use the configured model.
const llm = new ScriptedLlm([
  { think: "I roll two dice.", call: "roll_dice", args: { count: 2, request_heartbeat: true } },
  { call: "send_message", args: { message: "There they go!" } },
]);

const dir = mkdtempSync(join(tmpdir(), "memgpt-example-"));
const memgpt = await MemGPT.open({ dir, llm: () => llm, functions: [rollDice] });
const agent = await memgpt.createAgent({ name: "sam" });
await agent.addFunction("roll_dice");

for await (const event of agent.send("Roll two dice")) {
  if (event.type === "function_return") console.log(`${event.name}: ${event.output}`);
  if (event.type === "assistant_message") console.log(`sam: ${event.text}`);
}

await memgpt.close();
rmSync(dir, { recursive: true });
