import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, onTestFinished, test } from "vitest";
import { collect, only, temporaryFolder } from "../support/agents.ts";

const typescript = (name: string, says: string) => `
import { type AgentFunction, defineFunction } from "memgpt";
import * as z from "zod";

type Sides = { readonly sides: number };

export const ${name}: AgentFunction = defineFunction({
  name: "${name}",
  description: "Rolls a die.",
  kind: "plain",
  parameters: z.object({ sides: z.number().int().min(2) }),
  run: ({ sides }: Sides) => ({ output: "${says} of " + sides }),
});
`;
const javascript = (name: string) =>
  typescript(name, "5").replaceAll(/type AgentFunction, |type Sides.*|: AgentFunction|: Sides/g, "");

/** A home with files in its folder of functions. */
function homeWith(files: Readonly<Record<string, string>>): { dir: string; folder: string } {
  const dir = temporaryFolder();
  const folder = join(dir, "functions");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { dir, folder };
}

async function open(dir: string, script: ConstructorParameters<typeof ScriptedLlm>[0] = []): Promise<MemGPT> {
  const llm = new ScriptedLlm(script);
  const memgpt = await MemGPT.open({ dir, env: {}, llm: () => llm });
  onTestFinished(() => memgpt.close());
  return memgpt;
}

const roll = (name: string) => [
  { call: name, args: { sides: 6, request_heartbeat: true } },
  { call: "send_message", args: { message: "Rolled." } },
];

test.each([
  ["dice.ts", typescript("roll", "5")],
  ["dice.mjs", javascript("roll")],
  ["dice.js", javascript("roll")],
])("%s gives an open agent a function that checks its arguments", async (file, text) => {
  const { dir, folder } = homeWith({});
  const memgpt = await open(dir, roll("roll"));
  const agent = await memgpt.createAgent({ name: "sam" });
  writeFileSync(join(folder, file), text);

  await agent.addFunction("roll");
  const events = await collect(agent.send("Roll!"));

  expect(events).toContainEqual(expect.objectContaining({ type: "function_return", name: "roll", output: "5 of 6" }));
});

test("a changed file is read again", async () => {
  const { dir, folder } = homeWith({ "dice.ts": typescript("roll", "5") });
  const memgpt = await open(dir, roll("roll"));
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.addFunction("roll");

  writeFileSync(join(folder, "dice.ts"), typescript("roll", "4"));
  await agent.refreshFunctions();
  const events = await collect(agent.send("Roll!"));

  expect(events).toContainEqual(expect.objectContaining({ type: "function_return", name: "roll", output: "4 of 6" }));
});

test.each([
  ["syntax", "export const a = 1;\nexport const b = ;\n", /broken\.ts:2 is skipped: .*Unexpected token/],
  ["throws", 'const a = 1;\n\nthrow new Error("no luck");\n', /broken\.ts:3 is skipped: no luck/],
  ["no function", "export const a = 1;\n", /broken\.ts is skipped: it exports no function defined with defineFunction/],
  ["missing package", 'import "not-installed-anywhere";\n', /broken\.ts(:1)? is skipped: .*not-installed-anywhere/],
  [
    "bad name",
    typescript("roll", "5").replace('name: "roll"', 'name: "no good"'),
    /broken\.ts:\d+ is skipped: .*no good/,
  ],
  [
    "no kind",
    typescript("shout", "5").replace('kind: "plain",', ""),
    /broken\.ts:\d+ is skipped: shout: kind must be plain, search, memory_write or outside_effect \(got undefined\)/,
  ],
])("a broken file is named with its reason and skipped (%s)", async (_, text, expected) => {
  const { dir } = homeWith({ "broken.ts": text, "dice.ts": typescript("roll", "5") });
  const agent = await (await open(dir)).createAgent({ name: "sam" });

  const problems = await agent.refreshFunctions();

  expect(problems).toEqual([expect.stringMatching(expected)]);
  expect(agent.availableFunctions).toContain("roll");
});

test("a function with a taken name is skipped", async () => {
  const { dir } = homeWith({ "mine.ts": typescript("send_message", "hijacked") });
  const agent = await (await open(dir)).createAgent({ name: "sam" });

  expect(await agent.refreshFunctions()).toEqual([
    "A second function named send_message is skipped: the name is taken.",
  ]);
});

test("an agent whose function is gone loads and says so", async () => {
  const { dir, folder } = homeWith({ "dice.ts": typescript("roll", "5") });
  const first = await open(dir);
  await (await first.createAgent({ name: "sam" })).addFunction("roll");
  await first.close();
  rmSync(join(folder, "dice.ts"));

  const agent = await (await open(dir, [{ call: "send_message", args: { message: "Hello." } }])).openAgent("sam");

  expect(agent.notices.join(" ")).toContain("a function that this program lacks: roll");
  expect(agent.permissions()).toContainEqual({
    name: "roll",
    kind: undefined,
    may: "no",
    why: "this program lacks it",
  });
  expect(only(await collect(agent.send("Hello?")), "turn_end").reply).toBe("Hello.");
});

test("an agent loads its own function when it is opened", async () => {
  const { dir } = homeWith({ "dice.ts": typescript("roll", "5") });
  const first = await open(dir);
  await (await first.createAgent({ name: "sam" })).addFunction("roll");
  await first.close();

  const agent = await (await open(dir, roll("roll"))).openAgent("sam");

  expect(agent.notices).toEqual([]);
  expect(await collect(agent.send("Roll!"))).toContainEqual(expect.objectContaining({ output: "5 of 6" }));
});
