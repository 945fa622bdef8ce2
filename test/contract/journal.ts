import { describe, expect, test } from "vitest";
import { at, newState, passage, reply, someAction, userMessage } from "../storage/support.ts";
import { type OpenStore, storeOf } from "./stores.ts";

/** What every journal must record: each change, with its cause and its author. */
export function journalContract(name: string, open: OpenStore): void {
  describe(`journal: ${name}`, () => {
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
          state: newState({ blocks: [{ label: "human", value: label, limit: 2000 }] }),
          messages,
          passages: [passage(`p-${label}`, label)],
        });
      await commit("person", [], "creation");
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
  });
}
