import type { Agent } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { PracticeLlm } from "../../src/llm/practice/practice-llm.ts";
import { describe, expect, test } from "vitest";
import { createAgent, openAgent } from "../../src/host/agents.ts";
import { Blocks } from "../../src/host/block-desk.ts";
import type { Household } from "../../src/host/household.ts";
import type { Database } from "../../src/storage/postgres/database.ts";
import { databaseHouse } from "../support/database-house.ts";
import { collect } from "../support/agents.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";
import { A_CAT, WORD, homeOf, once, share, whileThinking } from "./support/sharing.ts";
import { SECRET, blockOf, tablesSaying } from "./support/told.ts";

const LEFT = "Near the sea. Has a dog.";

describe.each(DATABASES)("what is forgotten in a shared block in $name", ({ open }) => {
  const database = sharedDatabase(open);
  const saying = async (): Promise<string[]> => tablesSaying(WORD, database());

  test("is forgotten at once by an agent that nobody has open", async () => {
    const { house, sam, bob } = await sharing(database());
    await bob.close();

    const found = await sam.forget({ match: SECRET });

    expect(found.sharers).toEqual(["bob"]);
    expect(await saying()).toEqual([]);
    const again = await openAgent(house, "bob", {}, {});
    expect(homeOf(again)).toBe(LEFT);
    expect(await again.archival.size()).toBe(1);
    expect((await again.archival.search({ text: "dog" }, { page: 0, size: 5 })).total).toBe(1);
    await again.undo(2);
    await again.redo();
    await again.loadCheckpoint("with it");
    await again.receiveBlocks();
    await again.close();
    await sam.close();
    expect(await saying()).toEqual([]);
  });

  test("is forgotten at once by an agent open in this process, and none of its edits restores it", async () => {
    const { sam, bob } = await sharing(database());

    await sam.forget({ match: SECRET });

    expect(await saying()).toEqual([]);
    await bob.editBlock("home", `${homeOf(bob) ?? ""} Has a cat.`);
    await sam.receiveBlocks();
    expect(homeOf(sam)).toBe("Near the sea. Has a dog. Has a cat.");
    await bob.undo();
    await bob.close();
    await sam.close();
    expect(await saying()).toEqual([]);
  });

  test("is forgotten by an agent that another process has open before it next acts", async () => {
    const { sam, bob: closed, elsewhere } = await sharing(database());
    await closed.close();
    const bob = await openAgent(elsewhere, "bob", {}, {});
    await sam.forget({ match: SECRET });
    expect((await elsewhere.blocks.current(bob.state)).map(({ value }) => value)).toContain(LEFT);

    await collect(bob.send("Hello"));

    expect(homeOf(bob)).toBe(LEFT);
    expect(await saying()).toEqual([]);
    await bob.undo(3);
    await bob.loadCheckpoint("with it");
    await sam.receiveBlocks();
    expect(homeOf(sam)).not.toContain(WORD);
    await bob.close();
    await sam.close();
    expect(await saying()).toEqual([]);
  });

  test("is forgotten by an agent that another process has open when it is closed, with the checkpoint that it still writes", async () => {
    const { sam, bob: closed, elsewhere } = await sharing(database());
    await closed.close();
    const bob = await openAgent(elsewhere, "bob", {}, {});
    await bob.editBlock("persona", "I am Bob.");
    await sam.forget({ match: SECRET });

    await bob.close();

    expect(await saying()).toEqual([]);
    await sam.close();
  });

  test("is not published by an agent that another process has open in the middle of a turn", async () => {
    const { sam, bob: closed, owner } = await sharing(database());
    await closed.close();
    const llm = whileThinking(
      new ScriptedLlm(A_CAT),
      once(async () => sam.forget({ match: SECRET })),
    );
    const bob = await openAgent(databaseHouse(database(), { llm: () => llm }, owner), "bob", {}, { verify: false });

    await collect(bob.send("I have a cat."));

    await sam.receiveBlocks();
    expect(homeOf(sam)).toBe(`${LEFT}\nHas a cat.`);
    await bob.close();
    expect(await saying()).toEqual([]);
    await sam.close();
  });

  test("goes from a copy of an agent that another process has open, and from one that is deleted", async () => {
    const { house, elsewhere, sam, bob: closed } = await sharing(database());
    await closed.close();
    const bob = await openAgent(elsewhere, "bob", {}, {});
    await sam.forget({ match: SECRET });

    await house.repository.copy("bob", "rob", { id: "copy" });
    const rob = await openAgent(house, "rob", {}, {});
    expect(homeOf(rob)).toBe(LEFT);
    await rob.close();
    await house.repository.delete("rob");
    // As if bob's process had been killed, and bob were deleted.
    await database().query("UPDATE processes SET alive_until = clock_timestamp() - interval '1 minute'");
    await house.repository.delete("bob");

    expect(await saying()).toEqual([]);
    await bob.close().catch(() => undefined);
    await sam.close();
  });

  test("what was said to the other agent stays, and causes no rewrite", async () => {
    const { sam, bob } = await sharing(database());
    await bob.addPassages([{ text: `Somebody else mentioned ${SECRET}.` }]);
    await bob.editBlock("human", `Has been to ${SECRET}.`);

    await sam.forget({ match: SECRET });

    expect((await bob.archival.search({ text: WORD }, { page: 0, size: 5 })).total).toBe(1);
    expect(blockOf(bob)).toBe(`Has been to ${SECRET}.`);
    expect(homeOf(bob)).toBe(LEFT);
    await bob.forget({ match: SECRET });
    await bob.close();
    await sam.close();
  });

  test("goes from an agent that had the block once, under another name", async () => {
    const { house, sam, bob, id } = await sharing(database());
    await bob.changeBlock("home", { label: "dwelling" });
    await new Blocks(house).detach(bob, id);
    await bob.close();

    const { sharers } = await sam.forget({ match: SECRET });

    expect(sharers).toEqual(["bob"]);
    expect(await saying()).toEqual([]);
    await sam.close();
  });

  test("a block that the person keeps stays with all sharers, and only agents that contain it are named", async () => {
    const { house, sam, bob } = await sharing(database());
    await (await createAgent(house, { name: "eve" }, { verify: false })).close();

    const { sharers } = await sam.forget({ match: SECRET }, { keep: ["home"] });

    expect(sharers).toEqual([]);
    expect(homeOf(bob)).toContain(WORD);
    await sam.forget({ match: SECRET });
    await bob.close();
    await sam.close();
    expect(await saying()).toEqual([]);
  });
});

type Sharing = {
  readonly house: Household;
  /** The same agents, as another process sees them. */
  readonly elsewhere: Household;
  readonly sam: Agent;
  readonly bob: Agent;
  readonly id: string;
  readonly owner: string;
};

async function sharing(database: Database): Promise<Sharing> {
  const owner = crypto.randomUUID();
  const [house, elsewhere] = [0, 1].map(() => databaseHouse(database, { llm: () => new PracticeLlm() }, owner)) as [
    Household,
    Household,
  ];
  const sam = await createAgent(house, { name: "sam" }, { verify: false });
  const bob = await createAgent(house, { name: "bob" }, { verify: false });
  const id = await share(new Blocks(house), sam, bob);
  return { house, elsewhere, sam, bob, id, owner };
}
