import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { at, created, newState, openStore, someAction, userMessage } from "./support.ts";

/** Bytes of a page and of its header in the write-ahead log. */
const FRAME = 4096 + 24;

const LONG = "A long message. ".repeat(250);

test("a step rewrites only the end of a long state", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const store = await openStore(file);
  await created(store);
  const long = Array.from({ length: 30 }, (_, i) => userMessage(`u${i}`, `${i} ${LONG}`, at(i)));
  const pagesOf = async (minute: number): Promise<number> => {
    const before = statSync(`${file}-wal`).size;
    const short = Array.from({ length: minute }, (_, i) => userMessage(`s${i}`, "Hm.", at(i)));
    const state = newState({ queue: [...long, ...short], lastActiveAt: at(minute) });
    const change = { cause: "step", at: at(minute), state, messages: [], passages: [] };
    await store.history.commit({ action: someAction(), ...change });
    return (statSync(`${file}-wal`).size - before) / FRAME;
  };
  await pagesOf(0);

  const pages = [await pagesOf(1), await pagesOf(2), await pagesOf(3), await pagesOf(4)];

  // The state has 30 pages, and may pass to the next page once. The other pages are those of the journal and the actions.
  expect(pages.filter((count) => count > 20).length).toBeLessThan(2);
  expect((await store.history.load())?.lastActiveAt).toBe(at(4));
});

test("a state reads as it was stored, with letters of several bytes and after it has shrunk", async () => {
  const file = join(temporaryFolder(), "agent.db");
  const store = await openStore(file);
  await created(store);
  const long = Array.from({ length: 20 }, (_, i) => userMessage(`u${i}`, `naïve 東京 🎻 ${i} `.repeat(200), at(i)));

  for (const [minute, queue] of [long, long.slice(0, 12), [], long].entries()) {
    const state = newState({ queue, system: `Prompt ${minute}` });
    await store.history.commit({
      action: someAction(),
      cause: "step",
      at: at(minute),
      state,
      messages: [],
      passages: [],
    });
    expect(await (await openStore(file, { readonly: true })).history.load()).toEqual(state);
  }
});
