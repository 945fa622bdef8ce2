import { expect, test } from "vitest";
import type { FindAllRequest } from "memgpt";
import { testHome } from "../support/agents.ts";

/** An agent with cake in every memory. */
async function baker() {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" }, { withoutModel: true });
  await agent.editBlock("human", "First name: Ana\nHer birthday cake is lemon.\nShe bakes cakes.");
  await agent.importMessages([
    { role: "user", text: "We ate a cake.", createdAt: "2026-01-01T10:00:00Z" },
    { role: "user", text: "It rained on my birthday.", createdAt: "2026-02-01T10:00:00Z" },
  ]);
  await agent.addPassages([{ text: "A cake with lemon: flour, eggs, lemons." }]);
  return { memgpt, agent };
}

test("one search goes through core memory, recall and archival memory, and says where the words stand", async () => {
  const { memgpt, agent } = await baker();

  const found = await agent.findAll({ query: "birthday cakes" });

  expect(found.core).toEqual({
    total: 2,
    results: [
      {
        label: "human",
        line: 2,
        text: "Her birthday cake is lemon.",
        score: 2,
        matches: [
          [4, 12],
          [13, 17],
        ],
      },
      { label: "human", line: 3, text: "She bakes cakes.", score: 1, matches: [[10, 15]] },
    ],
  });
  expect(found.recall).toEqual(await agent.find({ query: "birthday cakes", in: "recall" }));
  expect(found.recall.results.find(({ text }) => text === "We ate a cake.")?.matches).toEqual([[9, 13]]);
  expect(found.archival).toMatchObject({ total: 1, results: [{ matches: [[2, 6]] }] });
  await agent.close();
  expect(await memgpt.findAll("sam", { query: "birthday cakes" })).toEqual(found);
});

test("text in quotes must stand in the line, dates narrow what has one, and the size counts for each memory", async () => {
  const { agent } = await baker();

  const quoted = await agent.findAll({ query: '"bakes cakes"' });
  const dated = await agent.findAll({ query: "cake birthday", from: "2026-02-01", to: "2026-02-02", size: 1 });

  expect(quoted.core.results.map(({ line }) => line)).toEqual([3]);
  expect(quoted.recall.isLoose).toBe(true);
  expect(dated.core).toMatchObject({ total: 2, results: [{ line: 2 }] });
  expect(dated.recall.results.map(({ text }) => text)).toEqual(["It rained on my birthday."]);
});

test("the fact that answers comes first: words of many lines count little, and what the agent repeats follows", async () => {
  const { agent } = await baker();
  await agent.editBlock("human", "Nora called today.\nTom called, too.\nA kettle is called for.\nDog named Pixel.");
  await agent.importMessages([
    { role: "user", text: "My dog is called Pixel.", createdAt: "2026-03-01T10:00:00Z" },
    { role: "assistant", text: "Your dog is called Pixel. My dog, you said.", createdAt: "2026-03-01T10:00:05Z" },
    { role: "user", text: "Is my dog called Rex?", createdAt: "2026-03-02T10:00:00Z" },
    { role: "assistant", text: "No: your dog is called Pixel, my dear.", createdAt: "2026-03-02T10:00:05Z" },
  ]);

  const { core, recall } = await agent.findAll({ query: "what is my dog called" });

  expect(core.results[0]?.text).toBe("Dog named Pixel.");
  expect(recall.results[0]?.text).toBe("My dog is called Pixel.");
  expect(recall.results.map(({ role }) => role)).toContain("assistant");
});

test.each(["in", "role", "speaker", "session", "around", "page"])(
  "memories without a %s are not filtered by it",
  async (name) => {
    const { memgpt, agent } = await baker();
    const request = { query: "cake", [name]: 1 } as FindAllRequest;
    const refusal = { code: "invalid_input", message: expect.stringMatching(`no ${name}: leave it out.*Nothing was`) };

    await expect(agent.findAll(request)).rejects.toMatchObject(refusal);
    await expect(memgpt.findAll("sam", request)).rejects.toMatchObject(refusal);
  },
);

test.each([undefined, null, "cake", {}, { query: 5 }])("rejects %o", async (request) => {
  const { agent } = await baker();

  await expect(agent.findAll(request as unknown as FindAllRequest)).rejects.toMatchObject({ code: "invalid_input" });
});
