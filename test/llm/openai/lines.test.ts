import { expect, test } from "vitest";
import { readEvents, readLines } from "../../../src/llm/openai/lines.ts";
import { collect } from "../../support/agents.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array, void, void> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield Promise.resolve(bytes.subarray(at, at + size));
}

test.each([1, 2, 3, 1000])("lines end with LF or CRLF, and characters stay whole, in pieces of %i", async (size) => {
  expect(await collect(readLines(inPieces("a\r\n\r\nžluť 🐎\nlast", size)))).toEqual(["a", "", "žluť 🐎", "last"]);
});

test.each(["\n", "\r\n"])("events are read according to the standard, with %j", async (end) => {
  const text = [
    ": hello",
    "event: error",
    "data: one",
    "data: two",
    "",
    "data:three",
    "id: 4",
    "",
    ":",
    "",
    "data: {}",
    "data: {}",
  ];

  expect(await collect(readEvents(readLines(inPieces(text.join(end), 5))))).toEqual([
    { event: "error", data: "one\ntwo" },
    { event: "", data: "three" },
    { event: "", data: "{}" },
    { event: "", data: "{}" },
  ]);
});
