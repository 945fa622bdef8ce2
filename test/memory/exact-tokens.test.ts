import { encode as cl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as o200k } from "gpt-tokenizer/encoding/o200k_base";
import { countChatCompletionTokens } from "gpt-tokenizer/model/gpt-4o";
import { expect, test } from "vitest";
import { builtInFunctions } from "../../src/functions/built-in.ts";
import { encodingOf, tokenizerOf } from "../../src/llm/tokenizer.ts";
import { exactTokens } from "../../src/memory/exact-tokens.ts";
import { homeAt } from "../../src/storage/files/paths.ts";
import { readPreset } from "../../src/settings/presets.ts";
import { temporaryFolder } from "../support/agents.ts";
import { exchange, userMessage } from "./support.ts";

type Functions = NonNullable<Parameters<NonNullable<typeof countChatCompletionTokens>>[0]["functions"]>;

test.each([
  ["gpt-4o", "o200k_base"],
  ["gpt-4o-mini-2024-07-18", "o200k_base"],
  ["openai/gpt-4.1-mini", "o200k_base"],
  ["openrouter/openai/o3", "o200k_base"],
  ["o1-preview", "o200k_base"],
  ["o4-mini", "o200k_base"],
  ["gpt-5", "o200k_base"],
  ["gpt-5.1-chat", "o200k_base"],
  ["chatgpt-4o-latest", "o200k_base"],
  ["ft:gpt-4o-mini-2024-07-18:me::abc", "o200k_base"],
  ["openai/gpt-oss-20b", "o200k_base"],
  ["gpt-oss:20b", "o200k_base"],
  ["gpt-4", "cl100k_base"],
  ["gpt-4-turbo-2024-04-09", "cl100k_base"],
  ["gpt-3.5-turbo", "cl100k_base"],
  ["gpt-35-turbo-16k", "cl100k_base"],
  ["practice", undefined],
  ["llama3.1:8b", undefined],
  ["gpt-j-6b", undefined],
  ["somebody/gpt-4o-like", undefined],
  ["gpt-45", undefined],
  ["anthropic/claude-sonnet-4", undefined],
])("the vocabulary of %s is %s", (model, encoding) => {
  expect(encodingOf(model)).toBe(encoding);
});

test.each([
  ["prose", "The quick brown fox jumps over the lazy dog, and tells nobody of it.\n\n".repeat(60)],
  ["JSON", JSON.stringify(Array.from({ length: 80 }, (_, n) => ({ n, name: `item ${n}`, tags: ["a", "b"] })))],
  ["what looks like a mark of the protocol", "<|endoftext|> <|im_start|>system"],
  ["nothing", ""],
])("%s is counted exactly", async (_, text) => {
  const none = { disallowedSpecial: new Set<string>() };

  expect((await tokenizerOf("gpt-4o"))?.(text)).toBe(o200k(text, none).length);
  expect((await tokenizerOf("gpt-4"))?.(text)).toBe(cl100k(text, none).length);
});

test("a run without spaces is counted almost exactly, in time proportional to its length", async () => {
  const tokenizer = await tokenizerOf("gpt-4o");
  const text = "漢字仮名交じり文".repeat(1000);

  const tokens = tokenizer?.(text) ?? 0;

  const exact = o200k(text).length;
  expect(tokens).toBeGreaterThanOrEqual(exact);
  expect(tokens).toBeLessThan(exact * 1.01);
  expect(tokenizer?.("🎉".repeat(100_000))).toBeGreaterThan(100_000);
});

test("a message is counted once, however many requests contain it", () => {
  const counted: string[] = [];
  const tokenizer = (text: string): number => {
    counted.push(text);
    return text.length;
  };
  const functions = [{ name: "f", description: "does", parameters: { type: "object", properties: {} } }];
  const queue = [userMessage("hello"), ...exchange("I think.", "x", ["OK"])];

  const first = exactTokens({ system: "S", queue, functions }, tokenizer);
  const texts = counted.length;
  const added = userMessage("more");
  const second = exactTokens({ system: "S", queue: [...queue, added], functions }, tokenizer);

  expect(counted.slice(texts)).toEqual([added.content]);
  expect(second - first).toBe((added.content ?? "").length + 4);
});

test("the prompt and the functions of an agent are counted as OpenAI counts them", async () => {
  const functions = builtInFunctions().map((fn) => fn.schema);
  const { system } = await readPreset(homeAt(temporaryFolder()), "memgpt_chat");
  const { content } = userMessage("hello");
  const known = countChatCompletionTokens?.({
    messages: [
      { role: "system", content: system },
      { role: "user", content: content ?? "" },
    ],
    functions: JSON.parse(JSON.stringify(functions)) as Functions,
  });

  const tokenizer = (await tokenizerOf("gpt-4o")) ?? ((text) => text.length);
  const tokens = exactTokens({ system, queue: [userMessage("hello")], functions }, tokenizer);

  expect(tokens / (known ?? 0)).toBeGreaterThan(0.99);
  expect(tokens / (known ?? 0)).toBeLessThan(1.03);
});
