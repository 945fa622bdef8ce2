import { expect, test } from "vitest";
import { all, said, testLetta } from "../support/server.ts";

test("an agent that begins with a conversation shares the blocks that it was given", async () => {
  const client = await testLetta();
  const { id } = await client.blocks.create({ label: "team", value: "Blue." });
  const body = {
    block_ids: [id],
    memory_blocks: [{ label: "human", value: "Ann." }],
    initial_message_sequence: [
      { role: "user" as const, content: "I like tea." },
      { role: "assistant" as const, content: "Noted." },
    ],
  };

  const sam = await client.post<{ id: string }>("/v1/agents/", { body });
  await client.blocks.update(id, { value: "Red." });

  const block = await client.agents.blocks.retrieve("team", { agent_id: sam.id });
  expect(block).toMatchObject({ id, value: "Red." });
  expect((await all(client.blocks.agents.list(id))).map((agent) => agent.id)).toEqual([sam.id]);
  expect(said(await all(client.agents.messages.list(sam.id)))).toEqual(["Noted."]);
});
