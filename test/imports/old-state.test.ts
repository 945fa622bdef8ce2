import { MemGPTError } from "memgpt";
import { expect, test } from "vitest";
import { readImport } from "../../src/imports/read.ts";

const sent = (text: string): string => JSON.stringify({ message: text });
const event = (type: string, fields: object): object => ({
  role: "user",
  content: JSON.stringify({ type, ...fields }),
});

const STATE = {
  model: "gpt-4",
  system: "You are MemGPT, the latest version of a product.",
  functions: [],
  memory: { persona: "Dry wit.", human: "Name: Chad" },
  messages_total: 8,
  messages: [
    { role: "system", content: "prompt" },
    {
      role: "assistant",
      content: "Booting.",
      function_call: { name: "send_message", arguments: sent("A film quote.") },
    },
    event("login", { last_login: "Never (first login)", time: "2024-01-03 05:36:00 PM PST-0800" }),
    event("user_message", { message: "I moved to Oslo.", time: "2024-01-03 12:37:00 AM PST-0800" }),
    { role: "assistant", content: "News.", function_call: { name: "core_memory_append", arguments: "{}" } },
    {
      role: "function",
      name: "core_memory_append",
      content: '{"status":"OK","time":"2024-01-03 12:37:05 PM PST-0800"}',
    },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ function: { name: "send_message", arguments: sent("How cold!") } }],
    },
    event("heartbeat", { reason: "x", time: "2024-01-03 05:38:00 PM PST-0800" }),
  ],
};

test("imports core memory and dated messages of a MemGPT 0.2 checkpoint, without the boot sequence", () => {
  const { format, memories, left } = readImport("x.json", JSON.stringify(STATE));

  expect(format).toBe("checkpoint of MemGPT 0.2");
  expect(memories[0]?.blocks.map(({ label, value }) => `${label}: ${value}`)).toEqual([
    "persona: Dry wit.",
    "human: Name: Chad",
  ]);
  expect(memories[0]?.messages).toEqual([
    { role: "user", text: "I moved to Oslo.", createdAt: "2024-01-03T08:37:00.000Z" },
    { role: "assistant", text: "How cold!", createdAt: "2024-01-03T20:37:05.000Z" },
  ]);
  expect(left.join()).toContain("pickles");
});

test("a damaged one names file, place and reason", () => {
  const broken = { ...STATE, memory: { persona: 1, human: "x" } };
  expect(() => readImport("x.json", JSON.stringify(broken))).toThrow(MemGPTError);
  expect(() => readImport("x.json", JSON.stringify(broken))).toThrow(
    /^x\.json: memory\.persona: it must be a text, but is a number\. Nothing was imported\.$/,
  );
});
