import fc from "fast-check";
import { expect, test } from "vitest";
import { AnswerReader } from "../../../src/llm/json-functions/answer-reader.ts";
import { ArgumentsReader } from "../../../src/llm/json-functions/arguments-reader.ts";
import { StringReader } from "../../../src/llm/json-functions/string-reader.ts";
import { pieces, sizes } from "./support.ts";

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 30 }), fc.string({ unit: "grapheme", maxLength: 30 }));
const spaces = fc.constantFrom(undefined, 1, 2);

function readArguments(
  json: string,
  by: readonly number[],
): { thought: string; json: string; reader: ArgumentsReader } {
  const reader = new ArgumentsReader();
  let [thought, rest] = ["", ""];
  for (const piece of pieces(json, by)) {
    const added = reader.push(piece);
    thought += added.thought;
    rest += added.json;
  }
  return { thought, json: rest, reader };
}

test("a string is read as JSON.parse reads it, whatever is escaped", () => {
  fc.assert(
    fc.property(text, fc.boolean(), (it, ascii) => {
      const json = JSON.stringify(it);
      const escaped = ascii
        ? json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)
        : json;
      const reader = new StringReader();

      const read = pieces(escaped.slice(1), [1]).map((char) => reader.push(char));

      expect(read.join("")).toBe(it);
      expect(reader.done).toBe(true);
    }),
  );
});

test("never streams half of an escaped surrogate pair", () => {
  const reader = new StringReader();

  const read = pieces('\\ud83d\\ude00!"', [1]).map((char) => reader.push(char));

  expect(read.filter((piece) => piece !== "")).toEqual(["\ud83d\ude00", "!"]);
});

test("for any arguments in any pieces, the thought is extracted and the rest passed on unchanged", () => {
  const values = fc.dictionary(
    fc
      .oneof(fc.constantFrom("message", "content", "name"), fc.string({ maxLength: 5 }))
      .filter((key) => !/^inner_thoughts?$/.test(key)),
    fc.jsonValue({ maxDepth: 3 }),
    { maxKeys: 5 },
  );
  fc.assert(
    fc.property(
      values,
      fc.option(text, { nil: undefined }),
      fc.nat(5),
      spaces,
      sizes,
      (args, thought, at, space, by) => {
        const entries = Object.entries(args);
        if (thought !== undefined) entries.splice(at, 0, ["inner_thoughts", thought]);
        const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value, null, space)}`).join(space === 1 ? " ,\n" : ",")}}`;

        const read = readArguments(json, by);

        expect(read.reader.done).toBe(true);
        expect(JSON.parse(read.json)).toEqual(JSON.parse(JSON.stringify(Object.fromEntries(Object.entries(args)))));
        expect(read.thought).toBe(thought ?? "");
      },
    ),
  );
});

test("the output does not depend on the pieces, even for damaged arguments", () => {
  const scraps = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"',
    "'",
    "\\",
    "\n",
    "True",
    "1",
    '"inner_thoughts":"',
    '"a":',
  );
  const damaged = fc
    .array(fc.oneof(scraps, fc.string({ maxLength: 2 })), { maxLength: 20 })
    .map((all) => `{${all.join("")}`);
  fc.assert(
    fc.property(damaged, sizes, (json, by) => {
      const one = readArguments(json, [json.length]);

      expect(readArguments(json, by)).toMatchObject({ thought: one.thought, json: one.json });
    }),
  );
});

test.each([
  ['{"a": "one\ntwo", "b": [1, 2,], }', '{"a":"one\\ntwo","b":[1,2]}'],
  ['{"a": True, "b": None}', '{"a":true,"b":null}'],
  ['{"a": "core\\_memory"}', '{"a":"core_memory"}'],
])("%s is repaired on the way", (json, right) => {
  expect(readArguments(json, [1]).json).toBe(right);
});

test("an answer in the expected form is streamed as it grows, and raw JSON never is", () => {
  const reader = new AnswerReader();

  const told = pieces(
    '```json\n{"thoughts": "I greet.", "function": "send_message", "arguments": {"message": "Hello there."}}\n```',
    [12],
  ).map((piece) => reader.push(piece));

  expect(
    told.flat().map((delta) => (delta.type === "content" ? delta.text : delta.type === "call" ? delta.arguments : "")),
  ).toEqual(["I ", "greet.", "{", '"message":"Hello the', 're."}']);
  expect(reader.whole).toBe(true);
});

test.each([
  ["text before it", 'Sure: {"thoughts": "t", "function": "f", "arguments": {}}'],
  ["arguments before the name", '{"arguments": {}, "function": "f"}'],
  ["an unknown part", '{"mood": "good", "function": "f", "arguments": {}}'],
  ["plain text", "Hello there."],
])("with %s, nothing is streamed before it is complete", (_, answer) => {
  const reader = new AnswerReader();

  expect(reader.push(answer)).toEqual([]);
  expect(reader.whole).toBe(false);
});
