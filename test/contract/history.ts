import { describe, expect, test } from "vitest";
import type { PageRequest } from "../../src/schema/page.ts";
import { at, created, newState, passage, reply, someAction, userMessage } from "../storage/support.ts";
import { type OpenStore, newStore, observe, storeOf } from "./stores.ts";

const FIRST: PageRequest = { page: 0, size: 10 };

/** What every History must do, with the recall and archival storage beside it. */
export function historyContract(name: string, open: OpenStore): void {
  describe(`history: ${name}`, () => {
    test("commits survive closing and reopening", async () => {
      const place = crypto.randomUUID();
      const messages = [userMessage("u1", "I met Ada in Porto"), ...reply("a1", "Ada, in Porto!")];
      const state = newState({ queue: messages });
      const store = await open(place);
      await created(store);
      await store.history.commit({
        action: someAction(),
        cause: "u1",
        at: at(1),
        state,
        messages,
        passages: [passage("p1", "Ada lives in Porto")],
      });
      await store.close();

      const again = await open(place);

      expect(await again.history.load()).toEqual(state);
      expect(await again.recall.latest(10)).toEqual(messages);
      expect(await again.archival.latest(10)).toEqual([{ id: "p1", text: "Ada lives in Porto", createdAt: at(1) }]);
      expect((await again.recall.search({ text: "porto" }, FIRST)).items.map(({ id }) => id).sort()).toEqual([
        "a1",
        "u1",
      ]);
    });

    test("a commit is stored whole or not at all", async () => {
      const store = await storeOf(open, [userMessage("u1", "the first")]);
      const before = await observe(store);
      const state = newState({ evicted: 7 });

      const twice = [userMessage("u2", "the second"), userMessage("u1", "an id that is taken")];
      await expect(
        store.history.commit({ action: someAction(), cause: "u2", at: at(2), state, messages: twice, passages: [] }),
      ).rejects.toMatchObject({
        code: "storage_failed",
      });

      expect(await observe(store)).toEqual(before);
    });

    test("several changes are stored in order, all of them or none", async () => {
      const store = await storeOf(open, [userMessage("u1", "the first")]);
      const before = await observe(store);
      const [second, third] = [userMessage("u2", "the second"), userMessage("u3", "the third")];
      const change = { action: someAction("retry"), at: at(2), passages: [] };
      const taken = {
        ...change,
        cause: "pop",
        state: newState(),
        messages: [],
        retracted: { messages: ["u1"], passages: [] },
      };
      const said = { ...change, cause: "u2", state: newState({ queue: [second] }), messages: [second] };

      const failing = { ...change, cause: "u3", state: newState({ queue: [third] }), messages: [third, second] };
      await expect(store.history.commit([taken, said, failing])).rejects.toMatchObject({ code: "storage_failed" });
      expect(await observe(store)).toEqual(before);

      const op = await store.history.commit([taken, said]);
      expect(await store.history.journal.head()).toBe(op);
      expect((await store.recall.latest(9)).map(({ id }) => id)).toEqual(["u2"]);
      expect((await store.history.actions(1)).map(({ label }) => label)).toEqual(["retry"]);
      await store.history.undo(1, at(3));
      expect(await observe(store)).toEqual(before);
    });

    test("a commit is refused if the journal has a newer operation than the caller knows", async () => {
      const store = await storeOf(open, [userMessage("u1", "the first")]);
      const from = await store.history.journal.head();
      const change = (value: number) => ({
        action: someAction(),
        cause: "test",
        at: at(2),
        state: newState({ evicted: value }),
        messages: [],
        passages: [passage(`p${value}`, "a note")],
      });
      const op = await store.history.commit(change(1), { from });
      const before = await observe(store);

      const refused = store.history.commit(change(2), { from });

      await expect(refused).rejects.toMatchObject({ code: "agent_locked", kept: "nothing" });
      expect(await observe(store)).toEqual(before);
      expect(await store.history.journal.head()).toBe(op);
    });

    test("undo reverts whole actions, and redo reverses the last undo until something new is done", async () => {
      const store = await storeOf(open, []);
      const turn = someAction("a turn");
      const step = (label: string, action = someAction(label)) => ({
        action,
        cause: label,
        at: at(2),
        state: newState({ system: label }),
        messages: [],
        passages: [],
      });
      await store.history.commit(step("one", turn));
      const op = await store.history.commit(step("two", turn));
      await store.history.commit(step("three"));

      expect((await store.history.actions(9)).map(({ label }) => label)).toEqual(["three", "a turn"]);
      expect((await store.history.actionOf(op))?.label).toBe("a turn");
      const undone = await store.history.undo(9, at(3));
      expect(undone?.actions.map(({ label }) => label)).toEqual(["three", "a turn"]);
      expect(await store.history.load()).toEqual(newState());
      expect(await store.history.undo(1, at(4))).toBeUndefined();

      expect((await store.history.redo(at(5)))?.state.system).toBe("three");
      expect(await store.history.redo(at(5))).toBeUndefined();
      await store.history.undo(1, at(6));
      await store.history.commit(step("four"));
      expect(await store.history.redo(at(7))).toBeUndefined();
      expect((await store.history.load())?.system).toBe("four");
    });

    test("undo holds back what was released from quarantine, and redo releases it again", async () => {
      const store = await storeOf(open, []);
      const held = (id: string) => ({
        id,
        at: at(1),
        rule: "addressed",
        excerpt: id,
        write: { type: "passage" as const, text: `text of ${id}`, createdAt: at(1) },
      });
      const change = { cause: "t", at: at(2), state: newState(), messages: [], passages: [] };
      await store.history.commit({
        ...change,
        action: someAction("import"),
        passages: [passage("p0", "the rest")],
        held: [held("h1"), held("h2"), held("h3")],
      });
      const release = someAction("release");
      for (const id of ["h1", "h2"]) {
        const passages = [passage(`p-${id}`, `text of ${id}`)];
        await store.history.commit({ ...change, action: release, passages, released: [held(id)] });
      }
      const kept = async () => (await store.quarantine.list()).map(({ id }) => id).sort();
      expect([await kept(), await store.archival.size()]).toEqual([["h3"], 3]);

      await store.history.undo(1, at(3));
      expect(await kept()).toEqual(["h1", "h2", "h3"]);
      expect((await store.quarantine.list()).find(({ id }) => id === "h2")).toEqual(held("h2"));
      expect(await store.archival.size()).toBe(1);

      await store.history.redo(at(4));
      expect([await kept(), await store.archival.size()]).toEqual([["h3"], 3]);

      await store.history.undo(9, at(5));
      expect([await kept(), await store.archival.size()]).toEqual([["h1", "h2", "h3"], 0]);
    });

    test("undo does not refund costs", async () => {
      const store = await storeOf(open, []);
      const spent = { requests: 1, prompt: 100, completion: 20, cached: 10, cost: 0.5, unpriced: 0 };
      const change = { action: someAction(), cause: "t", at: at(2), messages: [], passages: [], spent };
      await store.history.commit({ ...change, state: newState({ evicted: 1 }) });
      await store.history.commit({ ...change, state: newState({ evicted: 2 }) });

      await store.history.undo(1, at(3));

      expect(await store.history.spent()).toEqual({
        ...spent,
        requests: 2,
        prompt: 200,
        completion: 40,
        cached: 20,
        cost: 1,
      });
    });

    test("a new store has no state, an empty journal and nothing to undo", async () => {
      const store = await newStore(open);

      expect(await store.history.load()).toBeUndefined();
      expect(await store.history.journal.head()).toBe(0);
      expect(await store.history.journal.entries(0, 10)).toEqual([]);
      expect(await store.history.actions(5)).toEqual([]);
      expect(await store.history.undo(1, at(1))).toBeUndefined();
    });
  });
}
