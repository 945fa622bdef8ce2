import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PageRequest } from "../../src/schema/page.ts";
import { at, created, newState, passage, reply, revert, someAction, userMessage } from "../storage/support.ts";
import { type OpenStore, happen, happening, newStore, observe, pick, share, storeOf } from "./stores.ts";

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

    test("the changes of a block that the present descends from, and those that a message made", async () => {
      const store = await storeOf(open, []);
      const blocks = (value: string) => [
        { label: "persona", value: "I am Sam.", limit: 2000 },
        { label: "human", value, limit: 2000 },
      ];
      const edit = (value: string) => ({
        action: someAction(),
        cause: `m-${value}`,
        at: at(2),
        state: newState({ blocks: blocks(value) }),
        messages: [],
        passages: [],
      });
      for (const value of ["Ada", "Ben"]) await store.history.commit(edit(value));
      await store.history.undo(1, at(3));
      await store.history.commit(edit("Cem"));

      expect((await store.history.journal.blockEntries("human")).map(({ cause }) => cause)).toEqual(["m-Ada", "m-Cem"]);
      expect(await store.history.journal.blockEntries("persona")).toEqual([]);
      expect((await store.history.journal.causedBy("m-Ben")).map(({ kind, ref }) => [kind, ref])).toEqual([
        ["block", "human"],
      ]);
    });

    test("the fields that a message changed are found after the message was taken back and restored", async () => {
      const store = await storeOf(open, []);
      const said = reply("r", "I'll be quiet.")[0] ?? expect.unreachable();
      const quiet = newState({ heartbeatsPausedUntil: at(60) });
      const change = { cause: said.id, at: at(2), passages: [] };
      await store.history.commit({ action: someAction(), ...change, state: quiet, messages: [said] });
      const retracted = { messages: [said.id], passages: [] };
      await store.history.commit({
        action: someAction(),
        ...change,
        cause: "pop",
        state: quiet,
        messages: [],
        retracted,
      });
      await store.history.undo(1, at(3));

      const made = await store.history.journal.causedBy(said.id);

      expect(made.map(({ kind, ref }) => [kind, ref])).toEqual([["state", "heartbeatsPausedUntil"]]);
      expect(await store.history.journal.causedBy("pop")).toEqual([]);
    });

    test("the journal records each change's author: of a step the one who spoke, else whoever made the change", async () => {
      const store = await storeOf(open, []);
      const blocks = [{ label: "human", value: "Ada", limit: 2000 }];
      const commit = (
        origin: string | undefined,
        messages: readonly ReturnType<typeof userMessage>[],
        label: string,
      ): Promise<number> =>
        store.history.commit({
          action: someAction(),
          cause: label,
          at: at(2),
          ...(origin === undefined ? {} : { origin }),
          state: newState({ blocks: [{ ...blocks[0], value: label, label: "human", limit: 2000 }] }),
          messages,
          passages: [passage(`p-${label}`, label)],
        });
      await commit("person", [], "birth");
      await commit("model", [userMessage("u", "Hello."), ...reply("r", "Hi.")], "step");
      await commit("client:cursor", [userMessage("c", "From afar.")], "client");
      await commit(undefined, [userMessage("o", "Long ago.")], "older");

      const entries = await store.history.journal.entries(0, await store.history.journal.head());
      const whose = (ref: string): unknown => entries.find((entry) => entry.ref === ref)?.origin ?? null;

      expect(["u", "r", "p-step"].map(whose)).toEqual(["person", "model", "model"]);
      expect(["c", "p-client"].map(whose)).toEqual(["client:cursor", "client:cursor"]);
      expect(["o", "p-older"].map(whose)).toEqual([null, null]);
      expect((await store.history.journal.blockEntries("human")).map(({ origin }) => origin ?? null)).toEqual([
        "model",
        "client:cursor",
        null,
      ]);
    });
    test("the journal numbers every change without a gap and names its cause", async () => {
      const store = await storeOf(open, [userMessage("u1", "the first")]);
      const blocks = [
        { label: "persona", value: "I am Sam.", limit: 2000 },
        { label: "human", value: "Ada", limit: 2000 },
      ];
      const state = newState({ queue: [userMessage("u1", "the first")], blocks, evicted: 3 });

      const op = await store.history.commit({
        action: someAction(),
        cause: "u1",
        at: at(2),
        state,
        messages: [],
        passages: [passage("p1", "a note")],
      });

      const entries = await store.history.journal.entries(0, op);
      expect(entries.map(({ op }) => op)).toEqual(entries.map((_, index) => index + 1));
      expect(entries.slice(2).map(({ cause, kind, ref }) => [cause, kind, ref])).toEqual([
        ["u1", "passage", "p1"],
        ["u1", "state", "evicted"],
        ["u1", "block", "human"],
      ]);
      expect(await store.history.journal.head()).toBe(op);
    });

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
