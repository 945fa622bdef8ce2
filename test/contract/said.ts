import { describe, expect, test } from "vitest";
import type { AgentStore } from "../../src/ports/agent-store.ts";
import { at, newState, someAction, userMessage } from "../storage/support.ts";
import { type OpenStore, storeOf } from "./stores.ts";

const VECTOR = Float32Array.from([1, 0, 0, 0]);
const line = (n: number) => userMessage(`u${n}`, `line ${n}`, at(n));
const FIVE = [1, 2, 3, 4, 5].map(line);

/** What every SaidEmbeddings must do. */
export function saidContract(name: string, open: OpenStore): void {
  const next = async ({ maintenance }: AgentStore, count: number, model = "test"): Promise<number[]> =>
    (await maintenance.said.next(model, count)).map(({ n }) => n);
  const add = async ({ maintenance }: AgentStore, numbers: readonly number[], model = "test"): Promise<void> =>
    maintenance.said.add(
      model,
      numbers.map((n) => ({ n, vector: VECTOR })),
    );

  describe(`lines to embed: ${name}`, () => {
    test("lines come newest first, new ones before older ones, until they have a vector", async () => {
      const store = await storeOf(open, FIVE);

      expect(await next(store, 2)).toEqual([5, 4]);
      expect(await next(store, 2)).toEqual([5, 4]);
      await add(store, [5]);
      expect(await next(store, 2)).toEqual([4, 3]);
      await add(store, [4, 3]);
      await store.history.commit({
        action: someAction(),
        cause: "u6",
        at: at(6),
        state: newState({ queue: [...FIVE, line(6)] }),
        messages: [line(6)],
        passages: [],
      });
      expect(await next(store, 2)).toEqual([6, 2]);
      await add(store, [6]);
      expect(await next(store, 9)).toEqual([2, 1]);
      await add(store, [1, 2]);
      expect(await next(store, 9)).toEqual([]);
      expect(await store.maintenance.said.coverage("test")).toEqual({ embedded: 6, total: 6 });
    });

    test("a rewritten line is embedded again, and all lines are for another model", async () => {
      const store = await storeOf(open, FIVE);
      await add(store, await next(store, 9));
      expect(await next(store, 9)).toEqual([]);

      await store.history.commit({
        action: someAction(),
        cause: "edit",
        at: at(6),
        state: newState({ queue: FIVE }),
        messages: [],
        passages: [],
        rewritten: [userMessage("u2", "something else", at(2))],
      });

      expect(await next(store, 9)).toEqual([2]);
      await add(store, [2]);
      expect(await next(store, 9)).toEqual([]);
      expect(await next(store, 9, "other")).toEqual([5, 4, 3, 2, 1]);
    });
  });
}
