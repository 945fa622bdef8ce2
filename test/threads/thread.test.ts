import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, onTestFinished, test } from "vitest";
import { Thread } from "../../src/threads/thread.ts";
import { Limiter } from "../../src/threads/limiter.ts";

/** What the threads of these tests do with a question. */
const BEHAVIOUR = `
  const { parentPort } = require("node:worker_threads");
  const kept = [];
  parentPort.on("message", ({ id, question }) => {
    if (question === "throw") return parentPort.postMessage({ id, error: "it does not know" });
    if (question === "crash") throw new Error("it is broken");
    if (question === "exit") process.exit(3);
    if (question === "fill") for (;;) kept.push(new Array(100_000).fill({}));
    if (question === "buffer") for (;;) kept.push(Buffer.alloc(10_000_000, 1));
    if (question === "hang") for (;;);
    parentPort.postMessage({ id, answer: question.toUpperCase() });
  });
`;

/** A thread that does so, and all that were started for it. */
function threadOf(idleMs?: number): { thread: Thread<string, string>; started: Worker[] } {
  const started: Worker[] = [];
  const start = (): Worker => {
    const worker = new Worker(BEHAVIOUR, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 32 }, stderr: true });
    started.push(worker);
    return worker;
  };
  const thread = new Thread<string, string>(start, idleMs === undefined ? {} : { idleMs });
  onTestFinished(() => {
    thread.close();
  });
  return { thread, started };
}

test("starts with the first question and answers all in one thread", async () => {
  const { thread, started } = threadOf();
  expect(started).toHaveLength(0);

  expect(await Promise.all([thread.ask("one"), thread.ask("two")])).toEqual(["ONE", "TWO"]);

  expect(started).toHaveLength(1);
});

test.each([
  ["throw", "it does not know"],
  ["crash", "it is broken"],
  ["exit", "its thread ended"],
  ["fill", "it needs too much memory"],
])("a question that makes it %s fails, and the next one is answered", async (question, reason) => {
  const { thread } = threadOf();

  await expect(thread.ask(question)).rejects.toThrow(reason);

  expect(await thread.ask("next")).toBe("NEXT");
});

test("a timeout or abort ends the thread; the next question starts another", async () => {
  const { thread, started } = threadOf();
  const stop = new AbortController();

  await expect(thread.ask("hang", { ms: 100 })).rejects.toThrow("it took longer than 0.1 s");
  const hanging = thread.ask("hang", { signal: stop.signal });
  stop.abort(new Error("enough"));

  await expect(hanging).rejects.toThrow("enough");
  await expect(thread.ask("more", { signal: stop.signal })).rejects.toThrow("enough");
  expect(await thread.ask("next")).toBe("NEXT");
  expect(started).toHaveLength(3);
});

test("memory outside the thread's heap is limited, too", async () => {
  const { thread } = threadOf();

  await expect(thread.ask("buffer", { growthMb: 200 })).rejects.toThrow("it needs too much memory");

  expect(await thread.ask("next")).toBe("NEXT");
});

test("ends after some time without questions", async () => {
  const { thread, started } = threadOf(50);
  await thread.ask("one");

  await once(started[0] as Worker, "exit");

  expect(await thread.ask("two")).toBe("TWO");
  expect(started).toHaveLength(2);
});

test("a limiter runs at most that many tasks at a time, the others in order, even after a failure", async () => {
  const limiter = new Limiter(2);
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string) =>
    limiter.run(async () => {
      log.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (name === "a") throw new Error(name);
    });
  const all = Promise.allSettled(["a", "b", "c", "d"].map(work));
  await expect.poll(() => log).toEqual(["a", "b"]);

  ends[0]?.();
  await expect.poll(() => log).toEqual(["a", "b", "c"]);
  ends[1]?.();
  ends[2]?.();
  await expect.poll(() => log).toEqual(["a", "b", "c", "d"]);
  ends[3]?.();

  expect((await all).map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled", "fulfilled"]);
});
