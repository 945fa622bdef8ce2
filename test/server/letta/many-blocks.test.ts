import { AgentHost, MemGPT } from "memgpt";
import { expect, onTestFinished, test, vi } from "vitest";
import { lettaAt, testLetta, testServer } from "../support/server.ts";

test("a block is changed without opening the agents that have it, and each acts on it", async () => {
  const client = await testLetta();
  const { id: block } = await client.blocks.create({ label: "team", value: "blue" });
  const agents = [];
  for (const name of ["ann", "ben", "cem"]) {
    agents.push(
      await client.agents.create({ name, memory_blocks: [{ label: "own", value: name }], block_ids: [block] }),
    );
  }
  const open = vi.spyOn(MemGPT.prototype, "openAgent");
  onTestFinished(() => {
    open.mockRestore();
  });

  await client.blocks.update(block, { value: "red" });
  await client.agents.blocks.update("own", { agent_id: agents[0]?.id ?? "", value: "Ann Lee" });

  expect(open).not.toHaveBeenCalled();
  for (const { id, name } of agents) {
    const values = (await client.agents.retrieve(id)).blocks.map(({ value }) => value);
    expect(values).toEqual([name === "ann" ? "Ann Lee" : name, "red"]);
  }
});

test("a list of blocks reads each agent once", async () => {
  const server = await testServer();
  const client = lettaAt(server);
  const labels = Array.from({ length: 20 }, (_, n) => `block ${n}`);
  const { id } = await client.agents.create({ memory_blocks: labels.map((label) => ({ label, value: "old" })) });
  await client.agents.blocks.update("block 3", { agent_id: id, value: "new" });
  const read = vi.spyOn(MemGPT.prototype, "readAgent");
  onTestFinished(() => {
    read.mockRestore();
  });

  const listed = await client.get<{ label: string; value: string }[]>("/v1/blocks?limit=1000");

  expect(listed.map(({ label }) => label)).toEqual(labels);
  expect(listed[3]?.value).toBe("new");
  expect(read).toHaveBeenCalledTimes(1);
});

test("blocks of many agents are listed and renamed while other requests are answered; reading or deleting a shared one opens no agent", async () => {
  const server = await testServer();
  const client = lettaAt(server);
  const { id } = await client.blocks.create({ label: "team", value: "old" });
  for (let n = 0; n < 12; n += 1) {
    await client.agents.create({ memory_blocks: [{ label: "own", value: `${n}` }], block_ids: [id] });
  }
  const read = vi.spyOn(MemGPT.prototype, "readAgent");
  onTestFinished(() => {
    read.mockRestore();
  });
  /** How often others got a word in while something was done. */
  const gaps = async (work: Promise<unknown>): Promise<number> => {
    let [count, isOver] = [0, false];
    const counting = (async () => {
      while (!isOver) {
        await new Promise(setImmediate);
        count += 1;
      }
    })();
    await work;
    isOver = true;
    await counting;
    return count;
  };

  expect((await client.blocks.retrieve(id)).value).toBe("old");
  expect(read).not.toHaveBeenCalled();
  expect(await gaps(client.get("/v1/blocks?limit=1000"))).toBeGreaterThanOrEqual(12);
  expect(read).toHaveBeenCalledTimes(12);
  expect(await gaps(client.blocks.update(id, { label: "group" }))).toBeGreaterThanOrEqual(12);
  const used = vi.spyOn(AgentHost.prototype, "use");
  await client.blocks.delete(id);
  expect(used).not.toHaveBeenCalled();
  used.mockRestore();
  for await (const agent of client.agents.list()) {
    expect(agent.blocks.map(({ label }) => label)).toEqual(["own"]);
  }
});
