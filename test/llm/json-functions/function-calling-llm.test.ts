import fc from "fast-check";
import { type LlmDelta, LlmError, ContextOverflowError } from "memgpt";
import { describe, expect, test } from "vitest";
import { adapted } from "../../../src/llm/server-llm.ts";
import { saysNoTools } from "../../../src/llm/json-functions/no-tools.ts";
import { memoryQuirks } from "../../../src/ports/quirks.ts";
import { CONTEXT, type Given, TextLlm, read, sizes, watch, whole } from "./support.ts";

const GREETING = '{"thoughts": "I greet.", "function": "send_message", "arguments": {"message": "Hi."}}';
const MARKED = 'I greet.\n<tool_call>\n{"name": "send_message", "arguments": {"message": "Hi."}}\n</tool_call>';
const HI = [{ name: "send_message", args: { message: "Hi." } }];
const NO_TOOLS = new LlmError("http://x answered gemma3:4b does not support tools. Nothing was lost.", { status: 400 });

function auto(script: readonly Given[], known = {}, functionCalling: "auto" | "native" | "json" = "auto") {
  const quirks = memoryQuirks(known);
  const server = new TextLlm(script);
  return { llm: adapted(server, { functionCalling, innerThoughts: "content" }, quirks), server, quirks };
}

function retries(deltas: readonly LlmDelta[]): LlmDelta[] {
  return deltas.filter(({ type }) => type === "retry");
}

describe("refusals of servers without function calling", () => {
  test.each([
    [400, "registry.ollama.ai/library/gemma3:4b does not support tools"],
    [400, "The model does not support tool use or function calling but tools or tool_choice have been specified"],
    [400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
    [500, "tools param requires --jinja flag"],
    [500, "Cannot use tools with stream"],
    [
      404,
      "No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai",
    ],
    [404, "No endpoints found that support the provided 'tool_choice' value."],
    [400, "`tool calling` is not supported with this model"],
    [400, "tools are not supported"],
    [422, "tools not supported"],
    [400, "Unrecognized request argument supplied: tools"],
    [400, "Unknown parameter: 'tools'."],
    [500, "Conversation roles must alternate user/assistant/user/assistant/..."],
    [501, "Not Implemented"],
  ])("%i %s", (status, text) => {
    expect(saysNoTools(text, status)).toBe(true);
  });

  test.each([
    [404, 'model "gemma3:4b" not found, try pulling it first'],
    [400, "This model's maximum context length is 4096 tokens"],
    [401, "Incorrect API key provided"],
    [429, "Rate limit reached. Tools are still running."],
    [400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."],
    [400, "'response_format.type' must be 'json_schema' or 'text'"],
    [400, "Invalid schema for function 'send_message'"],
    [500, "Internal server error"],
  ])("not %i %s", (status, text) => {
    expect(saysNoTools(text, status)).toBe(false);
  });
});

test("a server without function calling is asked again at once with the functions in the prompt, and never natively again", async () => {
  const { llm, server, quirks } = auto([NO_TOOLS, GREETING, GREETING]);

  const { completion, deltas } = await watch(llm);
  await watch(llm);

  expect(read(completion.calls)).toEqual(HI);
  expect(retries(deltas)).toEqual([
    { type: "retry", reason: expect.stringContaining("no function calling"), seconds: 0 },
  ]);
  expect(server.requests.map(({ context }) => context.functions.length)).toEqual([2, 0, 0]);
  expect(quirks.get()).toEqual({ functionCalling: "json" });
});

test("what caused the error counts as well", async () => {
  const cause = new Error("tools param requires --jinja flag");
  const { llm } = auto([new LlmError("The server failed (500).", { cause, status: 500 }), GREETING]);

  expect(read((await watch(llm)).completion.calls)).toEqual(HI);
});

test("any other failure is passed on, and nothing is learned from it", async () => {
  for (const error of [
    new LlmError("Rate limit", { status: 429 }),
    new ContextOverflowError("too long"),
    new Error("x"),
  ]) {
    const { llm, quirks } = auto([error]);

    await expect(watch(llm)).rejects.toBe(error);
    expect(quirks.get()).toEqual({});
  }
});

test.each([
  ["our form", GREETING],
  ["its own marks", MARKED],
  ["a fence", `\`\`\`json\n${GREETING}\n\`\`\``],
  ["a function tag", 'I greet.\n<function=send_message>{"message": "Hi."}</function>'],
])("calls written as text in %s are run, not shown as a thought, and remembered the second time", async (_, text) => {
  const { llm, server, quirks } = auto([text, text, GREETING]);

  const first = await watch(llm);
  expect(quirks.get()).toEqual({});
  await watch(llm);
  expect(quirks.get()).toEqual({ functionCalling: "json" });
  await watch(llm);

  expect(read(first.completion.calls)).toEqual(HI);
  expect(first.completion.finishReason).toBe("function_calls");
  expect({ content: first.content, calls: first.calls }).toEqual(whole(first.completion));
  expect(first.deltas.map((delta) => (delta.type === "content" ? delta.text : "")).join("")).not.toMatch(/[{}<>]/);
  expect(retries(first.deltas)).toEqual([]);
  expect(server.requests.map(({ context }) => context.functions.length)).toEqual([2, 2, 0]);
});

test("a native call in between resets the count", async () => {
  const calls = [{ id: "1", name: "send_message", arguments: '{"message":"Hi."}' }];
  const { llm, quirks } = auto([GREETING, { text: "I greet.", calls }, GREETING]);

  for (let n = 0; n < 3; n += 1) await watch(llm);

  expect(quirks.get()).toEqual({});
});

test("text about JSON, with other JSON, or calling unknown functions stays text", async () => {
  const texts = ['In JSON: {"a": 1}.', '{"function": "fly", "arguments": {}}', "Use <b>bold</b> and [1] {2}.", "{ }"];
  const { llm, quirks } = auto(texts);

  for (const text of texts) {
    const { completion, ...shown } = await watch(llm);
    expect(completion).toMatchObject({ content: text, calls: [] });
    expect(shown).toMatchObject(whole(completion));
  }
  expect(quirks.get()).toEqual({});
});

test("a call that the server cannot parse is requested through the prompt, and remembered the second time in a row", async () => {
  const failed = new LlmError("Failed to call a function. Please adjust your prompt. See 'failed_generation'.", {
    status: 400,
  });
  const { llm, quirks } = auto([failed, GREETING, failed, GREETING]);

  expect(read((await watch(llm)).completion.calls)).toEqual(HI);
  expect(quirks.get()).toEqual({});
  await watch(llm);
  expect(quirks.get()).toEqual({ functionCalling: "json" });
});

test("json describes the functions from the first request on, native never does", async () => {
  const json = auto([GREETING], {}, "json");
  const native = auto([NO_TOOLS, GREETING], { functionCalling: "json" }, "native");

  expect(read((await watch(json.llm)).completion.calls)).toEqual(HI);
  expect(json.server.requests[0]?.context.functions).toEqual([]);
  await expect(watch(native.llm)).rejects.toBe(NO_TOOLS);
  expect((await watch(native.llm)).completion).toMatchObject({ content: GREETING, calls: [] });
});

test("a summary, which needs no functions, teaches nothing about them", async () => {
  const { llm, quirks } = auto(["A summary."]);

  expect((await watch(llm, { ...CONTEXT, functions: [] })).completion.content).toBe("A summary.");
  expect(quirks.get()).toEqual({});
});

test("whatever the texts and their pieces, what is shown adds up to the completion", async () => {
  const scraps = fc.constantFrom(
    GREETING,
    MARKED,
    "<tool_call>",
    "<function=send_message>",
    "[TOOL_CALLS]",
    "```json\n",
    '{"thoughts": "',
    '"function": "',
    "Hello ",
    "<",
    "{",
  );
  const text = fc.array(fc.oneof(scraps, fc.string({ maxLength: 3 })), { maxLength: 8 }).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 4, maxLength: 4 }), sizes, async (texts, by) => {
      const options = { functionCalling: "auto", innerThoughts: "auto" } as const;
      const llm = adapted(new TextLlm(texts, by), options, memoryQuirks());

      for (let n = 0; n < 2; n += 1) {
        const { completion, ...shown } = await watch(llm);
        expect(shown).toMatchObject(whole(completion));
      }
    }),
    { numRuns: 300 },
  );
});
