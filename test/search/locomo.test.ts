import { describe, expect, test } from "vitest";
import { collect, only, temporaryFolder, testHome } from "../support/agents.ts";
import { LOCOMO_FILE, hasLocomo, locomoTurns } from "../support/locomo.ts";

if (!hasLocomo) console.warn(`skipped: ${LOCOMO_FILE} is not here`);

describe.skipIf(!hasLocomo)("a real conversation over months, in a 4,096-token window", () => {
  test("is stored completely, with exact totals, within the window, and answers later questions", async () => {
    const dir = temporaryFolder();
    const memgpt = await testHome({ dir });
    const agent = await memgpt.createAgent({ name: "mel", contextWindow: 4096 });
    const turns = locomoTurns(0);

    let flushes = 0;
    for (const { speaker, text, time } of turns) {
      const events = await collect(agent.send({ type: "user_message", message: `${speaker}: ${text}`, time }));
      expect(only(events, "turn_end").reply).not.toBeNull();
      flushes += events.filter((event) => event.type === "queue_flush").length;
      const { used, window } = agent.context();
      expect(used).toBeLessThanOrEqual(window);
    }
    expect(turns.length).toBeGreaterThan(300);
    expect(flushes).toBeGreaterThan(5);

    const said = await agent.recall.searchDate({ to: "2026-01-01" }, { page: 0, size: 10_000 });
    const mine = said.items.filter((item) => item.role === "user").map((item) => item.text);
    expect(mine).toEqual(turns.map(({ speaker, text }) => `${speaker}: ${text}`));
    const all = await agent.recall.latest(1_000_000);
    expect(await agent.recall.size()).toBe(all.length);
    for (const query of ["support group", "camping", "adoption agencies", "painting"]) {
      const found = await agent.recall.search({ text: query }, { page: 0, size: 10_000 });
      expect(found.items).toHaveLength(found.total);
    }
    await agent.close();

    const reopened = await (await testHome({ dir })).openAgent("mel");
    const events = await collect(reopened.send("When did Caroline go to the LGBTQ support group?"));
    expect(only(events, "turn_end").reply).toMatch(/8 May,? 2023|May 8,? 2023|7 May 2023/);
  }, 120_000);
});
