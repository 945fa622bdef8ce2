import fc from "fast-check";
import { expect, test } from "vitest";
import { parseAnswer } from "../../../src/llm/json-functions/parse.ts";
import { FUNCTIONS } from "./support.ts";

const hi = { name: "send_message", arguments: { message: "hi" } };

test.each<[string, string, string | null, object[]]>([
  ["as told", '{"thoughts": "t", "function": "send_message", "arguments": {"message": "hi"}}', "t", [hi]],
  [
    "fenced, with text around it",
    'Sure!\n```json\n{"thoughts": "t", "function": "send_message", "arguments": {"message": "hi"}}\n```\nDone.',
    "t",
    [hi],
  ],
  [
    "without thoughts, text before it",
    'I greet.\n{"function":"send_message","arguments":{"message":"hi"}}',
    "I greet.",
    [hi],
  ],
  ["single quotes", "{'thoughts': 't', 'function': 'send_message', 'arguments': {'message': 'hi'}}", "t", [hi]],
  ["trailing commas", '{"function": "send_message", "arguments": {"message": "hi",},}', null, [hi]],
  ["cut off", '{"thoughts": "t", "function": "send_message", "arguments": {"message": "hi', "t", [hi]],
  ["cut off in a fence", '```json\n{"function": "send_message", "arguments": {"message": "hi"}', null, [hi]],
  ["nested", '{"function": {"name": "send_message", "arguments": {"message": "hi"}}}', null, [hi]],
  [
    "OpenAI's own form",
    '{"tool_calls":[{"id":"1","type":"function","function":{"name":"send_message","arguments":"{\\"message\\":\\"hi\\"}"}}]}',
    null,
    [hi],
  ],
  ["arguments as text", '{"function":"send_message","arguments":"{\\"message\\": \\"hi\\"}"}', null, [hi]],
  ["the only argument as text", '{"function":"send_message","arguments":"hi"}', null, [hi]],
  ["params", '{"function": "send_message", "params": {"inner_thoughts": "t", "message": "hi"}}', "t", [hi]],
  ["parameters", '{"name": "functions.send_message", "parameters": {"message": "hi"}}', null, [hi]],
  ["args", '{"tool": "send_message", "args": {"message": "hi"}, "inner_thoughts": "t"}', "t", [hi]],
  ["the name as a key", '{"thoughts": "t", "send_message": {"message": "hi"}}', "t", [hi]],
  [
    "arguments beside the name",
    '{"function": "core_memory_append", "name": "human", "content": "x"}',
    null,
    [{ name: "core_memory_append", arguments: { name: "human", content: "x" } }],
  ],
  [
    "bare line breaks",
    '{"thoughts": "one\ntwo", "function": "send_message", "arguments": {"message": "a\n\tb"}}',
    "one\ntwo",
    [{ name: "send_message", arguments: { message: "a\n\tb" } }],
  ],
  [
    "bare quotes",
    '{"thoughts": "t", "function": "send_message", "arguments": {"message": "He said "hi" to me."}}',
    "t",
    [{ name: "send_message", arguments: { message: 'He said "hi" to me.' } }],
  ],
  [
    "Python's words",
    "{'function': 'core_memory_append', 'arguments': {'content': 'x', 'request_heartbeat': True}}",
    null,
    [{ name: "core_memory_append", arguments: { content: "x", request_heartbeat: true } }],
  ],
  [
    "a list",
    '[{"thoughts":"t","function":"send_message","arguments":{"message":"hi"}},{"function":"pause_heartbeats","arguments":{"minutes":5}}]',
    "t",
    [hi, { name: "pause_heartbeats", arguments: { minutes: 5 } }],
  ],
  [
    "several objects, a thought each",
    '{"thoughts":"a","function":"send_message","arguments":{"message":"hi"}}\n{"thoughts":"b","function":"send_message","arguments":{"message":"hi"}}',
    "a\nb",
    [hi, hi],
  ],
  ["no arguments", '{"function": "look"}', null, [{ name: "look", arguments: {} }]],
  ["nothing to do", '{"thoughts": "I wait.", "function": null}', "I wait.", []],
  ["Hermes", 'Hm.\n<tool_call>\n{"name": "send_message", "arguments": {"message": "hi"}}\n</tool_call>', "Hm.", [hi]],
  ["Hermes, cut off", '<tool_call>{"name": "send_message", "arguments": {"message": "hi"}', null, [hi]],
  [
    "Qwen3-Coder",
    "<tool_call>\n<function=core_memory_append>\n<parameter=content>\n42\n</parameter>\n<parameter=request_heartbeat>\ntrue\n</parameter>\n</function>\n</tool_call>",
    null,
    [{ name: "core_memory_append", arguments: { content: "42", request_heartbeat: true } }],
  ],
  ["Llama 3.1", '<function=send_message>{"message": "hi"}</function>', null, [hi]],
  ["Llama 3.1, built in", '<|python_tag|>{"name": "send_message", "parameters": {"message": "hi"}}', null, [hi]],
  ["Mistral", '[TOOL_CALLS][{"name": "send_message", "arguments": {"message": "hi"}}]', null, [hi]],
  ["Mistral, newer", '[TOOL_CALLS]send_message[ARGS]{"message": "hi"}', null, [hi]],
])("reads %s", (_, text, thoughts, calls) => {
  expect(parseAnswer(text, FUNCTIONS)).toEqual({ thoughts, calls });
});

test.each([
  ["", /empty/, false],
  ["Hello there.", /without a JSON object/, false],
  ["I like {curly} things.", /without a JSON object/, false],
  ['{"thoughts": "t"}', /"function" is missing/, true],
  ['{"message": "hi"}', /"function" is missing/, true],
  ["```json\n{]", /not valid JSON|missing/, true],
])("says what is wrong with %j", (text, fault, looksLikeJson) => {
  expect(parseAnswer(text, FUNCTIONS)).toEqual({ fault: expect.stringMatching(fault), looksLikeJson });
});

test("never throws", () => {
  const scraps = fc.constantFrom(
    '{"function":',
    '"send_message"',
    '"arguments"',
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "'",
    "\\",
    "```json\n",
    "<tool_call>",
    "<function=send_message>",
    "<parameter=message>",
    "[TOOL_CALLS]",
    "null",
    "\n",
    "thoughts",
    "\ud83d",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(scraps, fc.string({ maxLength: 3 }))).map((all) => all.join("")),
  );

  fc.assert(
    fc.property(text, (it) => {
      const parsed = parseAnswer(it, FUNCTIONS);
      expect("fault" in parsed || parsed.calls.every(({ name }) => name !== "")).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("nesting deeper than the stack is not an answer", () => {
  expect(parseAnswer("{".repeat(200_000), FUNCTIONS)).toMatchObject({ looksLikeJson: true });
  expect(parseAnswer(`${'{"a":'.repeat(50_000)}1`, FUNCTIONS)).toMatchObject({ looksLikeJson: true });
});
