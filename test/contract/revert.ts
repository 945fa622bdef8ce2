import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PageRequest } from "../../src/schema/page.ts";
import { at, created, newState, passage, revert, someAction, userMessage } from "../storage/support.ts";
import { type OpenStore, happen, happening, newStore, observe, pick, share, storeOf } from "./stores.ts";

const FIRST: PageRequest = { page: 0, size: 10 };

/** What every History must do when it goes to another operation. */
export function revertContract(name: string, open: OpenStore): void {
  describe(`revert: ${name}`, () => {
    test("a revert to an unknown operation changes nothing", async () => {
      const store = await storeOf(open, [userMessage("u1", "the first")]);
      const before = await observe(store);

      for (const op of [-1, 99])
        await expect(revert(store, op, "x", at(9))).rejects.toMatchObject({ code: "not_found" });

      expect(await observe(store)).toEqual(before);
    });

    test("what was undone is neither found nor counted, and a redo restores it", async () => {
      const store = await storeOf(open, [userMessage("u1", "the zebra is striped")]);
      const op = await store.history.journal.head();
      const state = newState({ queue: [userMessage("u2", "a zebra again")] });
      const second = {
        messages: [userMessage("u2", "a zebra again")],
        passages: [passage("p1", "zebra notes", [1, 0, 0, 0])],
      };
      const head = await store.history.commit({ action: someAction(), cause: "u2", at: at(2), state, ...second });

      await revert(store, op, "undo", at(3));

      expect((await store.recall.search({ text: "zebra" }, FIRST)).total).toBe(1);
      expect((await store.recall.searchDate({}, FIRST)).items.map(({ id }) => id)).toEqual(["u1"]);
      expect(await store.recall.get("u2")).toBeUndefined();
      expect((await store.recall.latest(9)).map(({ id }) => id)).toEqual(["u1"]);
      const embedding = { model: "test-4", vector: Float32Array.from([1, 0, 0, 0]) };
      expect((await store.archival.search({ text: "zebra", embedding, minSimilarity: 0.1 }, FIRST)).total).toBe(0);
      expect([await store.recall.size(), await store.archival.size()]).toEqual([1, 0]);

      await revert(store, head, "redo", at(4));

      expect((await store.recall.search({ text: "zebra" }, FIRST)).total).toBe(2);
      expect((await store.archival.search({ text: "zebra", embedding, minSimilarity: 0.1 }, FIRST)).total).toBe(1);
    });

    test("a revert restores exactly the state at that operation, and reverting it restores all that came after", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(happening, { minLength: 1, maxLength: 14 }),
          fc.array(share, { maxLength: 3 }),
          async (story, jumps) => {
            const store = await newStore(open);
            await created(store);
            const seen = [{ op: 0, observed: await observe(store) }];
            for (const [index, next] of story.entries()) {
              if (next.type === "revert") {
                const target = pick(seen, next.share);
                expect(await revert(store, target.op, `undo ${index}`, at(index))).toEqual(target.observed.state);
                expect(await observe(store)).toEqual(target.observed);
              } else await happen(store, next, index);
              seen.push({ op: await store.history.journal.head(), observed: await observe(store) });
            }
            for (const jump of jumps) {
              const head = await store.history.journal.head();
              const former = await observe(store);
              // Any operation at all, also one in the middle of a step.
              await revert(store, Math.floor(jump * (head + 1)), "anywhere", at(0));
              await revert(store, head, "back", at(0));
              expect(await observe(store)).toEqual(former);
            }
            await store.close();
          },
        ),
        { numRuns: 40 },
      );
      // Thousands of searches, each of several statements where the store is a database server.
    }, 240_000);
  });
}
