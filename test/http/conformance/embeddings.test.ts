import { describe, expect, test } from "vitest";
import { recorded } from "../../llm/openai/fixtures.ts";
import { type Behaviour, type ModelServer, embeddings, json, modelServer, refuse } from "../../support/model-server.ts";
import { type Call, WELL, replies, says, well } from "./answers.ts";
import { MODES, type Talk, talk } from "./driver.ts";

/** What texts are about, in this model's view: one number each. */
const TOPICS = [/dog|puppy|hound/i, /boat|sail|harbour/i, /violin|concert/i];

const inputs = (request: { readonly body: Readonly<Record<string, unknown>> }): string[] =>
  request.body["input"] as string[];
const byMeaning: Behaviour = (response, request) => {
  embeddings(inputs(request).map((text) => TOPICS.map((topic) => (topic.test(text) ? 1 : 0.01))))(response, request);
};

/** One server for both: `script` of its chat completions, then `embed` for all texts; each of `faults` comes first, once. */
async function both(
  script: readonly Behaviour[],
  embed: Behaviour,
  faults: readonly Behaviour[] = [],
): Promise<ModelServer> {
  let [chats, texts] = [0, 0];
  return modelServer([
    (response, request) => {
      if (request.url.endsWith("/embeddings")) (faults[texts++] ?? embed)(response, request);
      else (script[chats++] ?? well)(response, request);
    },
  ]);
}

const asked = ({ seen }: ModelServer): string[][] => seen.filter(({ url }) => url.endsWith("/embeddings")).map(inputs);

const keep = (content: string): Call => ({
  name: "archival_memory_insert",
  args: { content, request_heartbeat: true },
});
const look = (query: string): Call => ({ name: "archival_memory_search", args: { query, request_heartbeat: true } });
const does = (...calls: Call[]): Behaviour => says({ calls });

const config = { embedding: "openai", embedding_model: "by-meaning" };
const found = ({ returns }: { returns: readonly string[] }): string =>
  returns.find((one) => one.startsWith("archival_memory_search")) ?? "";
const withoutVector = async ({ agent }: Talk): Promise<number> => (await agent.archival.collection()).withoutVector;

const HOUND = "Their hound is called Argos.";
const BOAT = "They keep a boat in the east.";

describe.each(MODES)("embeddings of the same server: %s", (mode) => {
  test("a stored text is found in other words", async () => {
    const server = await both(
      [does(keep(HOUND), keep(BOAT)), replies("Kept."), does(look("puppy")), replies("Argos.")],
      byMeaning,
    );
    const one = await talk(server, mode, { config });

    expect(await one.say("Remember.")).toMatchObject({ reply: "Kept.", notices: [] });
    const heard = await one.say("What is the puppy called?");

    expect(heard).toMatchObject({ reply: "Argos.", notices: [] });
    expect(found(heard)).toMatch(/Showing 1 of 1 .*Argos/s);
    expect(found(heard)).not.toContain("boat");
    expect(asked(server)).toEqual([[HOUND], [BOAT], ["puppy"]]);
    expect(await withoutVector(one)).toBe(0);
  });

  test("a long text goes in one request, or in smaller ones if the server accepts fewer", async () => {
    const text = Array.from(
      { length: 40 },
      (_, n) => `Part ${n}. ${"The harbour was full of boats. ".repeat(30)}`,
    ).join("\n\n");
    const few: Behaviour = (response, request) => {
      (inputs(request).length > 16 ? recorded("embeddings-many-tei") : byMeaning)(response, request);
    };
    const server = await both([does(keep(text)), replies("Kept.")], few);
    const one = await talk(server, mode, { config });

    expect(await one.say("Remember.")).toMatchObject({ reply: "Kept.", notices: [] });

    expect(asked(server)[0]).toHaveLength(32);
    expect(
      Math.max(
        ...asked(server)
          .slice(1)
          .map(({ length }) => length),
      ),
    ).toBe(16);
    expect(await one.agent.archival.size()).toBe(40);
    expect(await withoutVector(one)).toBe(0);
  });

  test("of a text too long for the embedding model the beginning is embedded, and all of it stored", async () => {
    const server = await both([does(keep(HOUND)), replies("Kept.")], byMeaning, [recorded("embeddings-long-openai")]);
    const one = await talk(server, mode, { config });

    expect(await one.say("Remember.")).toMatchObject({ reply: "Kept.", notices: [] });

    expect(asked(server)).toEqual([[HOUND], [HOUND.slice(0, HOUND.length / 2)]]);
    expect((await one.agent.archival.latest(1)).map(({ text }) => text)).toEqual([HOUND]);
  });

  test("a temporary failure is retried, and nothing is stored twice", async () => {
    const faults = [refuse(503, {}, { "retry-after-ms": "1" }), refuse(429, {}, { "retry-after-ms": "1" })];
    const server = await both([does(keep(HOUND)), replies("Kept.")], byMeaning, faults);
    const one = await talk(server, mode, { config });

    expect(await one.say("Remember.")).toMatchObject({ reply: "Kept.", notices: [] });

    expect(asked(server)).toEqual([[HOUND], [HOUND], [HOUND]]);
    expect([await one.agent.archival.size(), await withoutVector(one)]).toEqual([1, 0]);
  });

  test.each([
    ["has no such route", recorded("route-missing")],
    ["was started without", recorded("embeddings-off-llama-cpp")],
    ["has a chat model there", recorded("embeddings-none-ollama")],
    ["refuses the key", recorded("auth-openai")],
    ["gives numbers that are none", json({ data: [{ index: 0, embedding: ["x", "y"] }] })],
    [
      "gives a vector too many",
      json({
        data: [
          { index: 0, embedding: [1, 0] },
          { index: 1, embedding: [0, 1] },
        ],
      }),
    ],
  ])(
    "a server that %s loses nothing: words find stored texts, with a notice, and the turn goes on",
    async (_, fault) => {
      const server = await both(
        [does(keep(HOUND)), replies("Kept."), does(look("hound")), replies("Argos."), well],
        fault,
      );
      const one = await talk(server, mode, { config });

      const kept = await one.say("Remember.");
      const heard = await one.say("What is the hound called?");

      expect(kept).toMatchObject({ reply: "Kept.", notices: ["storage"], error: undefined });
      expect(kept.returns[0]).toBe("archival_memory_insert OK: None");
      const notice = kept.events.find((event) => event.type === "notice");
      expect(notice?.text).toMatch(/^Passages were stored without vectors.*memgpt reindex/);
      expect(heard).toMatchObject({ reply: "Argos.", error: undefined });
      expect(found(heard)).toMatch(/Showing 1 of 1 .*Argos/s);
      expect([await one.agent.archival.size(), await withoutVector(one)]).toEqual([1, 1]);
      expect(await one.say("And now?")).toMatchObject({ reply: WELL });
    },
  );

  test("vectors of a different length do no harm, and reindexing fills in missing ones", async () => {
    const other: Behaviour = (response, request) => {
      embeddings(inputs(request).map(() => [1, 0]))(response, request);
    };
    const server = await both(
      [does(keep(HOUND)), replies("Kept."), does(keep(BOAT)), replies("Kept, too.")],
      byMeaning,
      [byMeaning, other],
    );
    const one = await talk(server, mode, { config });

    await one.say("Remember.");
    const heard = await one.say("And this.");

    expect(heard).toMatchObject({ reply: "Kept, too.", error: undefined, notices: ["storage"] });
    expect([await one.agent.archival.size(), await withoutVector(one)]).toEqual([2, 1]);
    await one.agent.close();
    for await (const event of one.memgpt.reindex("sam"))
      expect(["progress", "start", "done", "notice"]).toContain(event.type);
    const again = await talk(server, mode, { dir: one.dir, config });
    expect(await withoutVector(again)).toBe(0);
  });
});
