import fc from "fast-check";
import { expect, test } from "vitest";
import { InnerThoughtsLlm } from "../../src/llm/inner-thoughts.ts";
import { memoryQuirks } from "../../src/ports/quirks.ts";
import { exchange, userMessage } from "../memory/support.ts";
import { CONTEXT, TextLlm, type Given, read, sizes, watch, whole } from "./json-functions/support.ts";

const call = (args: object, name = "send_message", id = "1") => ({ id, name, arguments: JSON.stringify(args) });
const GREETING = { calls: [call({ inner_thoughts: "I greet.", message: "Hi." })] };
const SILENT = { calls: [call({ message: "Hi." })] };

function always(script: readonly Given[], by?: readonly number[]): { llm: InnerThoughtsLlm; server: TextLlm } {
  const server = new TextLlm(script, by);
  return { llm: new InnerThoughtsLlm(server, { mode: "parameter", quirks: memoryQuirks() }), server };
}

test("the thought streams as content, and is not an argument of the call", async () => {
  const { llm } = always([GREETING]);

  const { completion, deltas, ...shown } = await watch(llm);

  expect(completion).toMatchObject({ content: "I greet.", finishReason: "function_calls" });
  expect(completion.calls).toEqual([{ id: "1", name: "send_message", arguments: '{"message":"Hi."}' }]);
  expect(shown).toEqual(whole(completion));
  expect(deltas.filter(({ type }) => type === "content").length).toBeGreaterThan(1);
});

test("every function has the parameter, required and first, and earlier thoughts stand in the first call", async () => {
  const { llm, server } = always([GREETING]);
  const queue = [userMessage("I like fjords"), ...exchange("Save it.", "Likes fjords.", ["None", "None"])];

  await watch(llm, { ...CONTEXT, queue });

  const context = server.requests[0]?.context;
  for (const { parameters } of context?.functions ?? []) {
    expect(Object.keys(parameters["properties"] ?? {})[0]).toBe("inner_thoughts");
    expect(parameters["required"]).toContain("inner_thoughts");
  }
  const sent = context?.queue[1];
  expect(sent?.content).toBeNull();
  const before = queue[1]?.role === "assistant" ? queue[1].calls[0]?.id : "";
  expect(sent?.role === "assistant" ? sent.calls[0]?.id : undefined).toBe(before);
  expect(sent?.role === "assistant" ? read(sent.calls).map(({ args }) => args) : []).toEqual([
    { inner_thoughts: "Save it.", content: "Likes fjords." },
    { content: "Likes fjords." },
  ]);
});

test("thoughts of several calls, and one beside them, are a line each", async () => {
  const { llm } = always([
    {
      text: "First.",
      calls: [
        call({ inner_thoughts: "Second.", message: "Hi." }),
        call({ inner_thoughts: "Third.", message: "Ho." }, "send_message", "2"),
      ],
    },
  ]);

  const { completion, ...shown } = await watch(llm);

  expect(completion.content).toBe("First.\nSecond.\nThird.");
  expect(shown).toMatchObject(whole(completion));
});

test("auto requests it after two calls in a row without a thought, and remembers", async () => {
  const quirks = memoryQuirks();
  const server = new TextLlm([SILENT, { text: "Hm.", ...SILENT }, SILENT, { text: "no call" }, SILENT, GREETING]);
  const llm = new InnerThoughtsLlm(server, { mode: "auto", quirks });

  for (let n = 0; n < 5; n += 1) await watch(llm);
  const { completion } = await watch(llm);

  const asked = server.requests.map(({ context }) => JSON.stringify(context.functions).includes("inner_thoughts"));
  expect(asked).toEqual([false, false, false, false, false, true]);
  expect(quirks.get()).toEqual({ innerThoughts: "parameter" });
  expect(completion.content).toBe("I greet.");
});

test("a model that reasons aloud is not silent", async () => {
  const quirks = memoryQuirks();
  const llm = new InnerThoughtsLlm(
    new TextLlm([
      { ...SILENT, reasoning: "Hm." },
      { ...SILENT, reasoning: "Hm." },
    ]),
    { mode: "auto", quirks },
  );

  await watch(llm);
  await watch(llm);

  expect(quirks.get()).toEqual({});
});

test("whatever the arguments and their pieces, what is shown adds up to the completion and nothing is lost", async () => {
  const args = fc.dictionary(fc.constantFrom("message", "content", "a"), fc.jsonValue({ maxDepth: 2 }));
  const thought = fc.string({ unit: "binary", maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(thought, args), { maxLength: 3 }), thought, sizes, async (all, text, by) => {
      const calls = all.map(([inner, rest], index) => call({ inner_thoughts: inner, ...rest }, "f", String(index)));

      const { completion, ...shown } = await watch(always([{ text, calls }], by).llm);

      expect(shown).toMatchObject(whole(completion));
      expect(read(completion.calls).map((it) => it.args)).toEqual(
        all.map(([, rest]) => JSON.parse(JSON.stringify(rest)) as unknown),
      );
      for (const [inner] of all) expect(completion.content ?? "").toContain(inner);
    }),
  );
});

test("invalid JSON arguments are repaired or left for the executor to refuse, and nothing is thrown", async () => {
  const scraps = fc.constantFrom("{", "}", ":", ",", '"', "\\", "\n", '"inner_thoughts":"', '"message":"');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(scraps, fc.string({ maxLength: 2 }))), sizes, async (parts, by) => {
      const calls = [{ id: "1", name: "send_message", arguments: parts.join("") }];

      const { completion, ...shown } = await watch(always([{ calls }], by).llm);

      expect(shown).toMatchObject(whole(completion));
    }),
    { numRuns: 300 },
  );
});
