import { expect, test } from "vitest";
import { timeOrderedId } from "../../src/host/new-id.ts";
import { scriptedAgent } from "../support/agents.ts";

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("ids differ, and sort by the time at which they were made", () => {
  const ids = Array.from({ length: 5000 }, timeOrderedId);

  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !VERSION_7.test(id))).toEqual([]);
  const times = ids.map((id) => id.slice(0, 13));
  expect(times).toEqual(times.toSorted());
});

test("an id begins with the time in milliseconds", () => {
  const before = Date.now();
  const time = Number.parseInt(timeOrderedId().replace("-", "").slice(0, 12), 16);

  expect(time).toBeGreaterThanOrEqual(before);
  expect(time).toBeLessThanOrEqual(Date.now());
});

test("agents and messages get such ids", async () => {
  const { agent } = await scriptedAgent([{ call: "send_message", args: { message: "Hi." } }]);
  await agent.ask("Hello");

  const messages = await agent.recall.latest(10);

  expect(messages.length).toBeGreaterThan(2);
  expect([agent.state.id, ...messages.map(({ id }) => id)].filter((id) => !VERSION_7.test(id))).toEqual([]);
});
