import { describe, expect, onTestFinished, test } from "vitest";
import { MemGPTError } from "memgpt";
import type { AgentRepository, OpenedAgent } from "../../src/ports/repository.ts";
import type { AgentState } from "../../src/schema/state.ts";
import { at, newState, someAction, userMessage } from "../storage/support.ts";

/** Repositories of several owners. The same owner is given the same agents. */
export type OpenRepository = (owner: string) => Promise<AgentRepository>;

/** What every AgentRepository must do. */
export function repositoryContract(name: string, start: () => OpenRepository): void {
  const born = (agent: string): AgentState => newState({ name: agent });

  /** Has an agent say something, writes its checkpoint and lets it go. */
  const say = async (repository: AgentRepository, agent: string, text: string): Promise<AgentState> => {
    const opened = await repository.open(agent);
    const { history } = opened.store;
    const message = userMessage(crypto.randomUUID(), text, at(2));
    const state = { ...opened.state, queue: [...opened.state.queue, message] };
    const change = { action: someAction(text), cause: message.id, at: at(2), state, messages: [message], passages: [] };
    await history.commit(change);
    await opened.checkpoints.write(state, { name: text, kept: true });
    await opened.release();
    return state;
  };

  const said = async (repository: AgentRepository, agent: string): Promise<string[]> => {
    const reader = await repository.read(agent);
    const found = await reader.recall.searchDate({}, { page: 0, size: 100 });
    await reader.close();
    return found.items.map(({ text }) => text);
  };

  const held = async (opening: Promise<OpenedAgent>): Promise<OpenedAgent> => {
    const opened = await opening;
    onTestFinished(() => opened.release());
    return opened;
  };

  describe(`repository: ${name}`, () => {
    test("a created agent can be listed, opened and read", async () => {
      const repository = await start()("ann");
      expect(await repository.list()).toEqual([]);

      await repository.create("sam", born("sam"));

      expect((await repository.list()).map((it) => it.name)).toEqual(["sam"]);
      expect([await repository.has("sam"), await repository.has("tom")]).toEqual([true, false]);
      expect(await repository.overview("sam")).toEqual({
        id: born("sam").id,
        model: "practice",
        createdAt: at(0),
        recall: 0,
        archival: 0,
      });
      const opened = await repository.open("sam");
      expect(opened.state).toEqual(born("sam"));
      expect(opened.notices).toEqual([]);
      await opened.release();
      const reader = await repository.read("sam");
      expect(await reader.history.load()).toEqual(born("sam"));
      expect(reader.name).toBe("sam");
      expect((await reader.bytes()).database).toBeGreaterThan(0);
      await reader.close();
    });

    test("owners see only their own agents", async () => {
      const open = start();
      const [ann, ben] = [await open("ann"), await open("ben")];
      await ann.create("sam", born("sam"));
      await say(ann, "sam", "a secret");

      expect(await ben.list()).toEqual([]);
      expect(await ben.has("sam")).toBe(false);
      for (const ask of [
        () => ben.open("sam"),
        () => ben.read("sam"),
        () => ben.overview("sam"),
        () => ben.checkpoints("sam"),
      ]) {
        await expect(ask()).rejects.toMatchObject({ code: "agent_not_found" });
      }
      await expect(ben.copy("sam", "tom", { id: "copy" })).rejects.toMatchObject({ code: "agent_not_found" });
      await expect(ben.delete("sam")).rejects.toMatchObject({ code: "agent_not_found" });
      await ben.create("sam", born("sam"));
      expect(await said(ben, "sam")).toEqual([]);
      expect(await said(await open("ann"), "sam")).toEqual(["a secret"]);
    });

    test("an open agent refuses a second writer, but can be read, listed and copied", async () => {
      const open = start();
      const repository = await open("ann");
      await repository.create("sam", born("sam"));
      await say(repository, "sam", "hello");
      const first = await repository.open("sam");

      const second = (await open("ann")).open("sam");
      await expect(second).rejects.toMatchObject({ code: "agent_locked" });
      await expect(repository.delete("sam")).rejects.toMatchObject({ code: "agent_locked" });
      await expect(repository.rename("sam", "tom")).rejects.toMatchObject({ code: "agent_locked" });
      expect(await said(repository, "sam")).toEqual(["hello"]);
      await repository.copy("sam", "tom", { id: "copy" });
      expect(await said(repository, "tom")).toEqual(["hello"]);

      await first.release();
      await held(repository.open("sam"));
    });

    test("refuses a taken name and an invalid one", async () => {
      const repository = await start()("ann");
      await repository.create("sam", born("sam"));
      await say(repository, "sam", "hello");

      await expect(repository.create("sam", born("sam"))).rejects.toMatchObject({ code: "agent_exists" });
      await expect(repository.newName("sam")).rejects.toMatchObject({ code: "agent_exists" });
      await expect(repository.copy("sam", "sam", { id: "copy" })).rejects.toMatchObject({ code: "agent_exists" });
      for (const bad of ["", "../up", "a/b", " x", "con", "x".repeat(65)]) {
        await expect(repository.create(bad, born(bad)), bad).rejects.toMatchObject({ code: "invalid_name" });
        await expect(repository.open(bad), bad).rejects.toMatchObject({ code: "invalid_name" });
      }
      expect(await repository.newName("Zoe\u0308")).toBe("Zo\u00eb");
      const free = await repository.newName();
      expect(await repository.has(free)).toBe(false);
      expect(await said(repository, "sam")).toEqual(["hello"]);
      expect((await repository.list()).map((it) => it.name)).toEqual(["sam"]);
    });

    test.each(["zo\u00eb", "ZO\u00cb", "Zo\u0065\u0308", "Zoe", "\u017fam", "\u212aim"])(
      "a name that differs in case or in its form in Unicode neither reveals nor overwrites another's agent: %j",
      async (other) => {
        const repository = await start()("ann");
        for (const own of ["Zo\u00eb", "Sam", "Kim"]) {
          await repository.create(own, born(own));
          await say(repository, own, `a secret of ${own}`);
        }
        const isAnother = !(await repository.has(other));
        if (["Zo\u00eb", "Kim"].includes(other.normalize("NFC"))) expect(isAnother).toBe(false);

        const made = await repository.create(other, { ...born(other), id: "other" }).then(
          () => true,
          (error: unknown) => !(error instanceof MemGPTError && error.code === "agent_exists"),
        );
        expect(made).toBe(isAnother);
        if (made) {
          expect(await said(repository, other)).toEqual([]);
          await say(repository, other, "something else");
          await repository.delete(other);
        }
        await expect(repository.copy("Kim", "Zo\u00eb", { id: "copy" })).rejects.toMatchObject({
          code: "agent_exists",
        });
        for (const own of ["Zo\u00eb", "Sam", "Kim"])
          expect(await said(repository, own)).toEqual([`a secret of ${own}`]);
      },
    );

    test("the error for an unknown agent lists the existing ones", async () => {
      const repository = await start()("ann");
      await repository.create("sam", born("sam"));

      const asked = [
        () => repository.open("tim"),
        () => repository.read("tim"),
        () => repository.overview("tim"),
        () => repository.checkpoints("tim"),
        () => repository.copy("tim", "tom", { id: "copy" }),
        () => repository.rename("tim", "tom"),
        () => repository.delete("tim"),
      ];

      for (const ask of asked) {
        await expect(ask()).rejects.toMatchObject({
          code: "agent_not_found",
          message: expect.stringMatching(/tim.*sam/),
        });
      }
      expect(await repository.has("tom")).toBe(false);
    });

    test("a renamed agent is the same under another name", async () => {
      const repository = await start()("ann");
      await repository.create("sam", born("sam"));
      const state = await say(repository, "sam", "hello");
      await repository.create("tom", born("tom"));

      await expect(repository.rename("sam", "tom")).rejects.toMatchObject({ code: "agent_exists" });
      await repository.rename("sam", "ada");

      expect((await repository.list()).map((it) => it.name).toSorted()).toEqual(["ada", "tom"]);
      expect((await held(repository.open("ada"))).state).toEqual({ ...state, name: "ada" });
      expect((await repository.checkpoints("ada")).map((it) => it.name)).toContain("hello");
    });

    test("a deleted agent is gone with all it remembers, and its name is free", async () => {
      const repository = await start()("ann");
      await repository.create("sam", born("sam"));
      await say(repository, "sam", "hello");

      await repository.delete("sam");

      expect(await repository.list()).toEqual([]);
      await expect(repository.open("sam")).rejects.toMatchObject({ code: "agent_not_found" });
      await repository.create("sam", born("sam"));
      expect(await said(repository, "sam")).toEqual([]);
    });

    test("a copy is an independent agent, in the original's state now or at a checkpoint", async () => {
      const repository = await start()("ann");
      await repository.create("sam", born("sam"));
      await say(repository, "sam", "one");
      await say(repository, "sam", "two");

      await repository.copy("sam", "now", { id: "copy-1" });
      await repository.copy("sam", "then", { id: "copy-2", at: "one" });
      const lost = repository.copy("sam", "lost", { id: "copy-3", at: "never" });
      await expect(lost).rejects.toMatchObject({ code: "not_found" });
      await say(repository, "now", "three");

      expect(await said(repository, "now")).toEqual(["one", "two", "three"]);
      expect(await said(repository, "then")).toEqual(["one"]);
      expect(await said(repository, "sam")).toEqual(["one", "two"]);
      expect(await repository.has("lost")).toBe(false);
      const opened = await held(repository.open("then"));
      expect(opened.state).toMatchObject({ id: "copy-2", name: "then" });
      await opened.store.history.undo(1, at(9));
      expect(await said(repository, "then")).toEqual(["one", "two"]);
    });

    test("a snapshot reader sees one instant, another reader also later commits", async () => {
      const repository = await start()("ann");
      await repository.create("sam", born("sam"));
      const [still, live] = [await repository.read("sam", { snapshot: true }), await repository.read("sam")];
      onTestFinished(() => live.close());
      expect(await still.recall.size()).toBe(0);

      await say(repository, "sam", "hello");

      expect([await still.recall.size(), await live.recall.size()]).toEqual([0, 1]);
      await still.close();
    });

    test("a checkpoint is due until one has the present state; checkpoints are listed newest first", async () => {
      const repository = await start()("ann");
      await repository.create("sam", born("sam"));
      const opened = await repository.open("sam");
      expect(opened.isCheckpointDue).toBe(true);
      opened.checkpoints.later(opened.state);
      await opened.checkpoints.settled();
      expect(opened.checkpoints.failure).toBeUndefined();
      await opened.release();
      await say(repository, "sam", "kept");

      const again = await held(repository.open("sam"));

      expect(again.isCheckpointDue).toBe(false);
      const listed = await repository.checkpoints("sam");
      expect(listed.map((it) => it.name)).toEqual(["kept", null]);
      expect(await again.checkpoints.list()).toEqual(listed);
      const { op, state } = await again.checkpoints.find("kept");
      expect([op, state]).toEqual([await again.store.history.journal.head(), again.state]);
      await expect(again.checkpoints.find("lost")).rejects.toMatchObject({ code: "not_found" });
    });
  });
}
