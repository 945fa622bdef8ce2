import { type ScriptedAnswer } from "memgpt/testing";
import { describe, expect, test } from "vitest";
import { scriptedAgent } from "../support/agents.ts";
import { say, learn, human } from "./edits.ts";

describe("why and history", () => {
  test("why explains what led to the last reply", async () => {
    const { agent } = await scriptedAgent([
      learn("The key lies under the flowerpot."),
      {
        think: "I must look for the key.",
        call: "archival_memory_search",
        args: { query: "key", request_heartbeat: true },
      },
      learn("Asked for the key.", "Under the flowerpot."),
    ]);
    expect(await agent.why()).toBeUndefined();
    await agent.ask("The key lies under the flowerpot");
    await agent.ask("Where is the key?");

    const why = await agent.why();

    expect(why).toMatchObject({
      asked: "Where is the key?",
      reply: "Under the flowerpot.",
      thoughts: ["I must look for the key.", "Worth keeping: Asked for the key."],
      searches: [
        {
          function: "archival_memory_search",
          thought: "I must look for the key.",
          output: expect.stringContaining("flowerpot"),
          results: [{ text: "The key lies under the flowerpot.", role: null }],
        },
      ],
    });
    expect(JSON.parse(why?.searches[0]?.arguments ?? "")).toMatchObject({ query: "key" });
    expect(Object.values(why?.searches[0]?.results[0]?.signals ?? {}).length).toBeGreaterThan(0);
    expect(why?.edits.map(({ target, after }) => [target, after.split("\n").at(-1)]).sort()).toEqual([
      ["archival", "Asked for the key."],
      ["human", "Asked for the key."],
    ]);
  });

  test("why shows the facts of core memory that the reply rests on, as the model saw them", async () => {
    const { agent } = await scriptedAgent([
      learn("Dog named Pixel."),
      learn("Plays the cello."),
      say("Your dog is called Pixel."),
    ]);
    await agent.ask("My dog is called Pixel.");
    await agent.ask("I play the cello.");
    await agent.ask("What is my dog called?");
    await agent.editBlock("human", human(agent).replace("Pixel", "Rex"));

    const why = await agent.why();

    expect(why?.core).toEqual([{ label: "human", text: "Dog named Pixel." }]);
    expect(human(agent)).toContain("Dog named Rex.");
  });

  test("why takes nothing for a reason that the reply itself wrote", async () => {
    const { agent } = await scriptedAgent([learn("Keeps bees.", "Bees! I keep that in mind.")]);
    await agent.ask("I keep bees.");

    expect((await agent.why())?.core).toEqual([]);
  });

  test("why finds the results of each search even if a model reuses call ids in every step", async () => {
    const look = (name: string): ScriptedAnswer => ({
      think: `I look in ${name}.`,
      call: name,
      args: { query: "key", request_heartbeat: true },
    });
    const { agent } = await scriptedAgent([
      learn("The key lies under the flowerpot."),
      look("conversation_search"),
      look("archival_memory_search"),
      say("Under the flowerpot."),
    ]);
    await agent.ask("The key lies under the flowerpot");
    await agent.ask("Where is the key?");

    const why = await agent.why();

    expect(why?.searches.map((search) => [search.function, search.results.map(({ role }) => role)])).toEqual([
      ["conversation_search", ["user", "assistant"]],
      ["archival_memory_search", [null]],
    ]);
    expect(why?.searches[1]?.output).toContain("1 of 1");
  });

  test("why explains the reply that is left after an undo", async () => {
    const { agent } = await scriptedAgent([say("One."), say("Two.")]);
    await agent.ask("first");
    await agent.ask("second");
    expect(await agent.why()).toMatchObject({ asked: "second", reply: "Two." });

    await agent.undo();

    expect(await agent.why()).toMatchObject({ asked: "first", reply: "One.", searches: [], edits: [] });
  });

  test("history lists the edits of a block with what the agent thought", async () => {
    const { agent } = await scriptedAgent([learn("Likes tulips."), learn("Likes roses."), learn("Likes lilies.")]);
    const first = human(agent);
    await agent.ask("I like tulips");
    await agent.ask("I like roses");
    await agent.undo();
    await agent.ask("I like lilies");
    await agent.editBlock("human", "Likes flowers.");
    await agent.editBlock("persona", "I am a florist.");

    const edits = await agent.history("human");

    expect(edits.map(({ before, after, thought }) => ({ before, after, thought }))).toEqual([
      { before: first, after: `${first}\nLikes tulips.`, thought: "Worth keeping: Likes tulips." },
      {
        before: `${first}\nLikes tulips.`,
        after: `${first}\nLikes tulips.\nLikes lilies.`,
        thought: "Worth keeping: Likes lilies.",
      },
      { before: `${first}\nLikes tulips.\nLikes lilies.`, after: "Likes flowers.", thought: null },
    ]);
    expect(edits[1]?.action).toContain("I like lilies");
    expect((await agent.history()).map(({ label }) => label)).toEqual(["human", "human", "human", "persona"]);
    await expect(agent.history("humna")).rejects.toMatchObject({ code: "not_found", message: /human/ });
  });
});
