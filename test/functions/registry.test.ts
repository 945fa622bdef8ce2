import { MemGPT, defineFunction, setBlock, speak } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { collect, only, temporaryFolder } from "../support/agents.ts";

const say = (message: string) => ({ call: "send_message", args: { message } });

const rename = defineFunction({
  name: "rename_person",
  description: "Replaces what is known of the person by a name.",
  kind: "memory_write",
  parameters: z.object({ name: z.string().min(1) }),
  run: ({ name }, { state }) => ({
    output: `Called ${name} now`,
    effects: [setBlock(state, "human", `Name: ${name}`), speak(`Hi ${name}!`)],
  }),
});

const lookUpTides = defineFunction({
  name: "tides",
  description: "Looks up the tides.",
  kind: "search",
  parameters: z.object({}),
  run: async (_, { recall }) => {
    const [hit] = (await recall.search({ text: "harbour" }, { page: 0, size: 1 })).items;
    return { output: "High tide at noon", hits: hit === undefined ? [] : [hit] };
  },
});

/** A home on `dir` whose model answers from `script` and whose agents can be given `functions`. */
async function homeWith(
  script: ConstructorParameters<typeof ScriptedLlm>[0],
  functions: readonly ReturnType<typeof defineFunction>[],
  dir = temporaryFolder(),
): Promise<{ memgpt: MemGPT; llm: ScriptedLlm; dir: string }> {
  const llm = new ScriptedLlm(script);
  const memgpt = await MemGPT.open({ dir, env: {}, llm: () => llm, functions });
  onTestFinished(() => memgpt.close());
  return { memgpt, llm, dir };
}

test("an agent calls the program's own function, and its effects are undone with the turn", async () => {
  const { memgpt, llm } = await homeWith([{ call: "rename_person", args: { name: "Ana" } }], [rename]);
  const agent = await memgpt.createAgent({ name: "sam" });
  const before = agent.state.blocks;
  await agent.addFunction("rename_person");

  const events = await collect(agent.send("I am Ana"));

  expect(only(events, "function_return")).toMatchObject({ kind: "memory_write", output: "Called Ana now" });
  expect(only(events, "memory_edit")).toMatchObject({ label: "human", after: "Name: Ana" });
  expect(only(events, "turn_end").reply).toBe("Hi Ana!");
  expect(llm.seen[0]?.functions.map(({ name }) => name)).toContain("rename_person");
  await agent.undo();
  expect(agent.state.blocks).toEqual(before);
});

test("why recognises the program's own search function by its kind, whatever its name", async () => {
  const { memgpt } = await homeWith(
    [say("Noted."), { call: "tides", args: { request_heartbeat: true } }, say("At noon.")],
    [lookUpTides],
  );
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.addFunction("tides");
  await agent.ask("My boat is in the harbour");
  await agent.ask("When is high tide?");

  const why = await agent.why();

  expect(why?.searches).toMatchObject([
    { function: "tides", output: "High tide at noon", results: [{ text: "My boat is in the harbour", role: "user" }] },
  ]);
});

test("each home has its own functions", async () => {
  const [one, other] = [await homeWith([], [rename]), await homeWith([], [])];

  const [sam, tom] = [await one.memgpt.createAgent({}), await other.memgpt.createAgent({})];

  expect(sam.availableFunctions).toContain("rename_person");
  expect(tom.availableFunctions).not.toContain("rename_person");
  await expect(tom.addFunction("rename_person")).rejects.toMatchObject({ code: "not_found" });
});

test("an agent whose function is missing still loads, says so, talks, and can drop it", async () => {
  const { memgpt, dir } = await homeWith([], [rename]);
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.addFunction("rename_person");
  await memgpt.close();
  const { memgpt: later, llm } = await homeWith([say("Hello.")], [], dir);

  const again = await later.openAgent("sam");

  expect(again.notices).toEqual([
    expect.stringMatching(/^sam has a function .* lacks: rename_person\. .*\/remove_function/),
  ]);
  const events = await collect(again.send("Hi"));
  expect(events.flatMap((event) => (event.type === "notice" ? [event.text] : []))).toEqual([
    expect.stringContaining("rename_person"),
  ]);
  expect(llm.seen[0]?.functions.map(({ name }) => name)).not.toContain("rename_person");
  await again.removeFunction("rename_person");
  expect(again.state.functions).not.toContain("rename_person");
});

test("two functions of one name are refused when the home is opened", async () => {
  const twin = { ...rename };
  const builtIn = defineFunction({
    ...rename,
    name: "send_message",
    description: "",
    parameters: z.object({}),
    run: () => ({ output: null }),
  });

  for (const functions of [[rename, twin], [builtIn]]) {
    await expect(MemGPT.open({ dir: temporaryFolder(), env: {}, functions })).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching(/^There are two functions named (rename_person|send_message)/) as string,
    });
  }
});

test.each(["", "2fast", "roll dice", "würfeln", "x".repeat(65)])("refuses %j as the name of a function", (name) => {
  const definition = {
    name,
    description: "",
    kind: "plain" as const,
    parameters: z.object({}),
    run: () => ({ output: null }),
  };

  expect(() => defineFunction(definition)).toThrow("cannot be the name of a function");
});

test("a parameter named request_heartbeat is refused", () => {
  const parameters = z.object({ request_heartbeat: z.boolean() });
  const definition = {
    name: "wait",
    description: "",
    kind: "plain" as const,
    parameters,
    run: () => ({ output: null }),
  };

  expect(() => defineFunction(definition)).toThrow("request_heartbeat is reserved");
});

test("refuses a function that defineFunction did not make", async () => {
  const functions = [{ name: "half_made" } as unknown as ReturnType<typeof defineFunction>];

  await expect(MemGPT.open({ dir: temporaryFolder(), env: {}, functions })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringContaining("functions[0] must be made by defineFunction") as string,
  });
});
