import { expect, test } from "vitest";
import { all, testLetta } from "../support/server.ts";

test("agents list their identities, and are found by the program's own key for an identity", async () => {
  const client = await testLetta();
  const body = { identifier_key: "u-17", name: "Ana", identity_type: "user" };
  const ana = await client.post<{ id: string }>("/v1/identities/", { body });
  const { id } = await client.agents.create({ name: "sam", identity_ids: [ana.id] });
  await client.agents.create({ name: "kim" });

  expect((await all(client.agents.list({ identifier_keys: ["u-17"] }))).map((agent) => agent.id)).toEqual([id]);
  const sam = await client.agents.retrieve(id, { include: ["agent.identities"] });
  expect(sam.identities).toMatchObject([{ id: ana.id, ...body, agent_ids: [id] }]);

  await client.delete(`/v1/identities/${ana.id}`);
  expect((await client.agents.retrieve(id)).identities).toEqual([]);
});
