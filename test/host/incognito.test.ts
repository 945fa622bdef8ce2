import { PracticeLlm } from "../../src/llm/practice/practice-llm.ts";
import { RemoteMemGPT } from "memgpt/remote";
import { describe, expect, onTestFinished, test } from "vitest";
import { createAgent, openAgent } from "../../src/host/agents.ts";
import { testServer } from "../server/support/server.ts";
import { databaseHouse } from "../support/database-house.ts";
import { DATABASES, sharedDatabase } from "../support/postgres.ts";

test("an incognito session on a server is refused, and no agent is created", async () => {
  const server = await testServer();
  const memgpt = await RemoteMemGPT.open({ url: server.url });
  onTestFinished(() => memgpt.close());
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.close();

  await expect(memgpt.openAgent("sam", {}, { incognito: true })).rejects.toThrow("sam was not opened incognito.");
  await expect(memgpt.createAgent({ name: "new" }, { incognito: true })).rejects.toThrow("Nothing was created.");

  expect((await memgpt.listAgents()).map(({ name }) => name)).toEqual(["sam"]);
});

describe.each(DATABASES)("an incognito session in $name", ({ open }) => {
  const database = sharedDatabase(open);

  test("is refused for an existing and a new agent, and changes nothing", async () => {
    const house = databaseHouse(database(), { llm: () => new PracticeLlm() });
    await (await createAgent(house, { name: "sam" }, {})).close();

    const refusals = [
      openAgent(house, "sam", {}, { incognito: true }),
      createAgent(house, { name: "new" }, { incognito: true }),
    ];

    await expect(refusals[0]).rejects.toThrow(
      "Incognito sessions are not available with PostgreSQL. sam was not opened.",
    );
    await expect(refusals[1]).rejects.toThrow("Nothing was created.");
    expect((await house.repository.list()).map(({ name }) => name)).toEqual(["sam"]);
    const agent = await openAgent(house, "sam", {}, {});
    expect(agent.isIncognito).toBe(false);
    await agent.close();
  });
});
