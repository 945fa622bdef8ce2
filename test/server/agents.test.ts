import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MemGPT } from "memgpt";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/agents.ts";
import { all, lettaAt, said, testServer } from "./support/server.ts";

test("agents created by another program are found at the first request, and keep their ids", async () => {
  const dir = temporaryFolder();
  const memgpt = await MemGPT.open({ dir, env: {} });
  const made = [];
  for (let n = 0; n < 30; n += 1) {
    const agent = await memgpt.createAgent({ name: `agent ${n}` }, { withoutModel: true });
    made.push(`agent-${agent.state.id}`);
    await agent.close();
  }
  await memgpt.close();
  const server = await testServer({ dir });
  const client = lettaAt(server);

  // No request waits for another one's lookup, and no request gets a 404 for an agent that exists.
  const [listed, ...asked] = await Promise.all([
    all(client.agents.list()),
    ...made.map((id) => client.agents.retrieve(id)),
  ]);

  expect(listed.map(({ id }) => id).sort()).toEqual(made.toSorted());
  expect(asked.map(({ id }) => id)).toEqual(made);
  await server.close();
  const again = await all(lettaAt(await testServer({ dir })).agents.list());
  expect(again.map(({ id }) => id)).toEqual(listed.map(({ id }) => id));
});

test("agents that another program creates or removes appear and disappear", async () => {
  const dir = temporaryFolder();
  const client = lettaAt(await testServer({ dir }));
  const { id } = await client.agents.create({ name: "sam" });
  await client.agents.delete(id);
  const { id: kept } = await client.agents.create({ name: "kim" });
  const names = async (): Promise<string[]> => (await all(client.agents.list())).map(({ name }) => name).sort();
  expect(await names()).toEqual(["kim"]);

  const memgpt = await MemGPT.open({ dir, env: {} });
  const eva = await memgpt.createAgent({ name: "eva" }, { withoutModel: true });
  await eva.close();
  await expect.poll(names).toEqual(["eva", "kim"]);
  await memgpt.deleteAgent("eva");
  await expect.poll(names).toEqual(["kim"]);
  expect((await client.agents.retrieve(kept)).name).toBe("kim");
  await memgpt.close();
});

test("requests for an agent open in another server of the home are forwarded, and other programs learn the server's address", async () => {
  const dir = temporaryFolder();
  const first = await testServer({ dir });
  const { id } = await lettaAt(first).agents.create({ name: "sam" });
  await lettaAt(first).agents.messages.create(id, { input: "My boyfriend is called James." });
  const second = lettaAt(await testServer({ dir }));

  const answer = await second.agents.messages.create(id, { input: "Who is James?" });

  expect(said(answer.messages).join()).toContain("James");
  const memgpt = await MemGPT.open({ dir, env: {} });
  await expect(memgpt.openAgent("sam")).rejects.toThrow(`memgpt run --server ${first.url}`);
  await memgpt.close();
});

test("a server reports its name and version", async () => {
  const { url } = await testServer();
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8")) as object & {
    version: string;
  };

  expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok", name: "memgpt", version });
});
