import { expect, test } from "vitest";
import { all, testLetta } from "../support/server.ts";

test("an agent file is exported, imported and exported again: the same but for its name and time", async () => {
  const client = await testLetta();
  const { id } = await client.agents.create({ name: "sam", tags: ["a"], description: "Helps." });
  for (const input of ["My boyfriend is called James.", "I like tea.", "Who is James?"]) {
    await client.agents.messages.create(id, { input });
  }
  const first = (await client.agents.exportFile(id)) as unknown as { agents: unknown[] };

  const file = new File([JSON.stringify(first)], "sam.af");
  const { agent_ids } = await client.agents.importFile({ file, name: "sam" });
  const second = await client.agents.exportFile(agent_ids[0] ?? "");

  const plain = (exported: unknown): unknown => ({ ...(exported as object), created_at: null });
  expect(plain(second)).toEqual(plain(first));
  expect(JSON.stringify(first)).toContain("James");
});

test("a file that is none is refused with what is wrong, and makes nothing", async () => {
  const client = await testLetta();

  for (const text of ["{", "{}", '{"agents":[{"messages":[{}]}]}']) {
    await expect(client.agents.importFile({ file: new File([text], "x.af") })).rejects.toMatchObject({ status: 422 });
  }
  expect(await all(client.agents.list())).toEqual([]);
});
