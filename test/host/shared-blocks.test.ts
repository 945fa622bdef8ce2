import { MemGPT } from "memgpt";
import type { Agent, MemGPTOptions } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { collect, temporaryFolder, testHome } from "../support/agents.ts";

const PROJECT = { label: "project", value: "We build a boat.", limit: 200, description: "What we work on" };
const note = (content: string) => ({
  call: "core_memory_append",
  args: { name: "project", content, request_heartbeat: true },
});

const HI = { call: "send_message", args: { message: "Hi" } };

const valueOf = (agent: Agent): string | undefined =>
  agent.state.blocks.find(({ label }) => label === "project")?.value;

/** Two agents, sam and bob, with the block `project`. */
async function together(script: ConstructorParameters<typeof ScriptedLlm>[0] = [], options: MemGPTOptions = {}) {
  const llm = new ScriptedLlm(script);
  const memgpt = await testHome({ llm: () => llm, ...options });
  const sam = await memgpt.createAgent({ name: "sam" }, { verify: false });
  const bob = await memgpt.createAgent({ name: "bob" }, { verify: false });
  const { id } = await memgpt.blocks.create(PROJECT);
  await memgpt.blocks.attach(sam, id);
  await memgpt.blocks.attach(bob, id);
  return { memgpt, llm, sam, bob, id };
}

test("what one agent writes into a shared block the others see in their next request, journalled under its name", async () => {
  const { llm, sam, bob } = await together([note("The boat is red."), HI, HI]);

  await collect(sam.send("The boat is red."));
  await collect(bob.send("Hello"));

  expect(llm.seen[2]?.system).toContain("(What we work on)\nWe build a boat.\nThe boat is red.");
  expect((await bob.history("project")).at(-1)).toMatchObject({
    before: "We build a boat.",
    after: "We build a boat.\nThe boat is red.",
    action: "edit of block project by sam",
  });
});

test("undoing an edit is an edit, too: it reverts the text everywhere", async () => {
  const { sam, bob } = await together();
  await sam.editBlock("project", "We build a house.");
  await bob.receiveBlocks();
  expect(valueOf(bob)).toBe("We build a house.");

  await sam.undo();
  await bob.receiveBlocks();

  expect(valueOf(bob)).toBe("We build a boat.");
});

test("concurrent additions are all kept", async () => {
  const { memgpt, bob, id } = await together([note("It is fast."), HI]);
  for await (const event of bob.send("It is fast.")) {
    // Somebody else writes while the turn runs.
    if (event.type !== "function_call" || event.call.name !== "core_memory_append") continue;
    await memgpt.blocks.change(id, { value: "We build a boat.\nIt is wide." });
  }
  expect((await memgpt.blocks.get("project")).value).toBe("We build a boat.\nIt is wide.\nIt is fast.");
  await bob.receiveBlocks();
  expect(valueOf(bob)).toBe("We build a boat.\nIt is wide.\nIt is fast.");
});

test("a person changes text, description and limit for every agent; agents cannot edit a read-only block", async () => {
  const { memgpt, llm, sam, bob, id } = await together([
    note("x"),
    { call: "send_message", args: { message: "I cannot." } },
  ]);

  await memgpt.blocks.change(id, { value: "We rest.", description: "How we are", limit: 50, readOnly: true });
  await bob.receiveBlocks();
  await collect(sam.send("Write"));

  const block = { id, label: "project", value: "We rest.", description: "How we are", limit: 50, readOnly: true };
  expect(bob.state.blocks.at(-1)).toEqual(block);
  expect(sam.state.blocks.at(-1)).toEqual(block);
  expect(llm.seen[0]?.system).toContain('access="read-only"');
});

test("a closed agent shows what others wrote, and has it when opened, even in another process", async () => {
  const dir = temporaryFolder();
  const { memgpt, sam, bob } = await together([], { dir });
  await bob.close();
  await sam.editBlock("project", "We build a house.");

  expect((await memgpt.inspect("bob")).blocks.at(-1)?.value).toBe("We build a house.");
  expect((await memgpt.findAll("bob", { query: "house" })).core).toMatchObject({ total: 1 });
  const elsewhere = await MemGPT.open({ dir, env: {} });
  onTestFinished(() => elsewhere.close());
  const later = await elsewhere.openAgent("bob", {}, { withoutModel: true });
  await later.receiveBlocks();
  expect(valueOf(later)).toBe("We build a house.");
  await later.editBlock("project", "We sail.");
  await sam.receiveBlocks();
  expect(valueOf(sam)).toBe("We sail.");
});

test("a detached block stays with the others, and no longer changes with them", async () => {
  const { memgpt, sam, bob, id } = await together();

  await memgpt.blocks.detach(sam, id);
  await bob.editBlock("project", "We build a house.");

  expect(sam.state.blocks.map(({ label }) => label)).toEqual(["persona", "human"]);
  expect((await memgpt.blocks.get("project")).value).toBe("We build a house.");
  expect(Object.keys((await memgpt.blocks.get("project")).agents)).toEqual([bob.state.id]);
});

describe("an agent's own block that a shared one replaced", () => {
  const PRIVATE = "Ann's password hint is the cat.";

  /** sam, whose own block `notes` was replaced by a shared one of that label, which bob has too. */
  async function replaced(options: MemGPTOptions = {}) {
    const { memgpt, sam, bob } = await together([], options);
    await sam.addBlock({ label: "notes", value: PRIVATE, limit: 200 });
    const { id } = await memgpt.blocks.create({ label: "notes", value: "For everybody.", limit: 200 });
    await memgpt.blocks.attach(bob, id);
    await sam.removeBlock("notes");
    await memgpt.blocks.attach(sam, id);
    return { memgpt, sam, bob, id };
  }
  const notes = (agent: Agent): string | undefined => agent.state.blocks.find(({ label }) => label === "notes")?.value;

  test("is restored by an undo, and nobody else sees it", async () => {
    const { memgpt, sam, bob, id } = await replaced();

    await sam.undo(2);
    await bob.receiveBlocks();

    expect([notes(sam), notes(bob), (await memgpt.blocks.get(id)).value]).toEqual([
      PRIVATE,
      "For everybody.",
      "For everybody.",
    ]);
    await sam.editBlock("notes", `${PRIVATE} Or the dog.`);
    await bob.receiveBlocks();
    await bob.editBlock("notes", "For bob.");
    await sam.receiveBlocks();
    expect([notes(sam), (await memgpt.blocks.get(id)).value]).toEqual([`${PRIVATE} Or the dog.`, "For bob."]);
    expect(Object.keys((await memgpt.blocks.get(id)).agents)).toEqual([bob.state.id]);
  });

  test("a redo gives the agent the shared one again, as it is by then", async () => {
    const { memgpt, sam, bob, id } = await replaced();
    await sam.undo(2);
    await bob.editBlock("notes", "For everybody, and bob.");

    await sam.redo();
    await sam.receiveBlocks();

    expect(notes(sam)).toBe("For everybody, and bob.");
    await sam.editBlock("notes", "For everybody, bob and sam.");
    await bob.receiveBlocks();
    expect([notes(bob), (await memgpt.blocks.get(id)).value]).toEqual([
      "For everybody, bob and sam.",
      "For everybody, bob and sam.",
    ]);
  });

  test("is restored by an older checkpoint, and after a restart", async () => {
    const dir = temporaryFolder();
    const { memgpt, sam, bob, id } = await together([], { dir });
    await sam.addBlock({ label: "notes", value: PRIVATE, limit: 200 });
    await sam.checkpoint("mine");
    const shared = await memgpt.blocks.create({ label: "notes", value: "For everybody.", limit: 200 });
    await memgpt.blocks.attach(bob, shared.id);
    await sam.removeBlock("notes");
    await memgpt.blocks.attach(sam, shared.id);

    await sam.loadCheckpoint("mine");
    await sam.close();
    const again = await memgpt.openAgent("sam");
    await again.editBlock("notes", `${PRIVATE} Or the dog.`);
    await bob.receiveBlocks();

    expect([notes(bob), (await memgpt.blocks.get(shared.id)).value]).toEqual(["For everybody.", "For everybody."]);
    expect((await memgpt.blocks.get(id)).value).toBe("We build a boat.");
  });

  test("a copy of the agent has its blocks to itself", async () => {
    const { memgpt, sam, id } = await replaced();
    await sam.close();
    await memgpt.copyAgent("sam", "sam2");
    const copy = await memgpt.openAgent("sam2");

    await copy.editBlock("notes", "Only the copy knows.");

    expect(notes(copy)).toBe("Only the copy knows.");
    expect((await memgpt.blocks.get(id)).value).toBe("For everybody.");
  });
});

test("labels are checked, and an unknown label lists the existing ones", async () => {
  const { memgpt, sam, id } = await together();
  const other = await memgpt.blocks.create({ label: "human", value: "", limit: 10 });

  await expect(memgpt.blocks.create(PROJECT)).rejects.toThrow("A block named project already exists");
  await expect(memgpt.blocks.change(id, { limit: 3 })).rejects.toThrow(
    "The value has 16 characters and project holds 3",
  );
  await expect(memgpt.blocks.attach(sam, other.id)).rejects.toThrow("A block named human already exists");
  await expect(memgpt.blocks.get("projekt")).rejects.toThrow("No shared block is named projekt. Did you mean project?");
  expect(other.agents).toEqual({});
});
