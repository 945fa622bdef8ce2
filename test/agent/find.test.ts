import { expect, test } from "vitest";
import { scriptedAgent } from "../support/agents.ts";

test.each([
  [{ page: 0 }, /page 0 .* above 0/],
  [{ page: 1.5 }, /page 1\.5/],
  [{ page: Number.NaN }, /page NaN/],
  [{ size: 0 }, /from 1 to 1000/],
  [{ size: 1001 }, /page of 1001/],
  [{ size: Number.POSITIVE_INFINITY }, /page of Infinity/],
  [{ around: -1 }, /around cannot be -1/],
  [{ around: Number.POSITIVE_INFINITY }, /around cannot be Infinity/],
  [{ session: 0.5 }, /session cannot be 0\.5/],
  [{ in: "archival", role: "user" }, /no role: leave it out, or search recall/],
  [{ in: "archival", speaker: "Ann" }, /no speaker/],
  [{ in: "archival", session: 1 }, /no session/],
  [{ in: "archival", around: 2 }, /no lines around/],
] as const)("a search that cannot be, with %o, is refused", async (request, says) => {
  const { agent } = await scriptedAgent([]);

  await expect(agent.find({ query: "tea", ...request })).rejects.toMatchObject({
    code: "invalid_input",
    message: expect.stringMatching(says),
  });
});

test("the largest page and no lines around are fine", async () => {
  const { agent } = await scriptedAgent([]);

  expect(await agent.find({ query: "tea", size: 1000, around: 0, session: 0 })).toMatchObject({ total: 0, page: 1 });
});
