import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { Unreadable, inputOf } from "../../src/sources/input.ts";
import { openDocument } from "../../src/sources/read.ts";
import { Reader, type ReaderLimits } from "../../src/sources/reader.ts";

const WIDE: ReaderLimits = { memoryMb: 512, ms: 60_000, msPerMb: 0, idleMs: 10_000 };
const PAGE = `<html><body>${"<p>word <b>and</b> word</p>".repeat(20_000)}</body></html>`;

function readerOf(limits: Partial<ReaderLimits> = {}, signal?: AbortSignal): Reader {
  const reader = new Reader(signal, { ...WIDE, ...limits });
  onTestFinished(() => {
    reader.close();
  });
  return reader;
}

async function textOf(reader: Reader, name: string, content: string | Uint8Array): Promise<string> {
  const { elements } = await openDocument(inputOf(name, Buffer.from(content)), reader, () => undefined);
  let all = "";
  for await (const { text } of elements) all += `${text}\n`;
  return all;
}

test("one long text in a document is handed on in parts, cut at its lines", async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} of a poem`);
  const content = JSON.stringify({ poem: lines.join("\n") });
  const { elements } = await openDocument(inputOf("poem.json", Buffer.from(content)), readerOf(), () => undefined);

  const parts: string[] = [];
  for await (const { text } of elements) parts.push(text);

  expect(parts.join("")).toBe(`poem: ${lines.join("\n")}`);
  expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(16_384);
  expect(parts.slice(1).every((part) => part.startsWith("line "))).toBe(true);
});

test("other work keeps running while a page is read", async () => {
  let [turns, isReading] = [0, true];
  const turn = (): void => {
    turns += 1;
    if (isReading) setImmediate(turn);
  };
  turn();

  await textOf(readerOf(), "page.html", PAGE);
  isReading = false;

  expect(turns).toBeGreaterThan(200);
});

test.each<[string, Partial<ReaderLimits>, string]>([
  ["memory", { memoryMb: 8 }, "it cannot be read: it needs too much memory"],
  ["time", { ms: 1 }, "it cannot be read: it took longer than 0.001 s"],
])("a document that takes too much %s cannot be read", async (_, limits, reason) => {
  const failure = textOf(readerOf(limits), "page.html", PAGE);

  await expect(failure).rejects.toThrow(reason);
  await expect(failure).rejects.toBeInstanceOf(Unreadable);
});

test("aborting ends the reading at once", async () => {
  const stop = new AbortController();
  const reading = textOf(readerOf({}, stop.signal), "page.html", PAGE);
  void setTimeout(50).then(() => {
    stop.abort(new Error("enough"));
  });

  await expect(reading).rejects.toThrow("enough");
});

test("a document is read to its end however long what is read of it takes elsewhere", async () => {
  const { elements } = await openDocument(
    inputOf("page.html", Buffer.from(PAGE)),
    readerOf({ idleMs: 10 }),
    () => undefined,
  );

  const texts: string[] = [];
  for await (const { text } of elements) {
    if (texts.length % 5_000 === 0) await setTimeout(100);
    texts.push(text);
  }

  expect(texts).toHaveLength(20_000);
});
