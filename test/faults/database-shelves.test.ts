import { type MemGPT, defineSource } from "memgpt";
import { describe, expect, test } from "vitest";
import { PgDatabase } from "../../src/storage/postgres/pool.ts";
import { tablesSaying } from "../forget/support/told.ts";
import { collect } from "../support/agents.ts";
import { TEST_SERVER } from "../support/postgres.ts";
import { broken, cutAtEach, home, isDone } from "./cut-at-each.ts";

const WHEN = ["before", "after"] as const;

/** Two documents, of which one has several passages. */
const birds = defineSource({
  name: "birds",
  async *read() {
    yield { name: "heron.txt", content: "The heron nests in May." };
    yield {
      name: "tern.txt",
      content: Array.from({ length: 40 }, (_, n) => `Tern ${n} nests by the sea.`).join("\n\n"),
    };
  },
});

async function load(memgpt: MemGPT, source: string): Promise<void> {
  for await (const event of memgpt.sources.load(source, [birds])) {
    if (event.type === "skipped") throw new Error(event.reason);
  }
}

async function documentsIn(memgpt: MemGPT, source: string): Promise<{ name: string; passages: number }[]> {
  const found: { name: string; passages: number }[] = [];
  for await (const { name, passages } of memgpt.sources.documents(source)) found.push({ name, passages });
  return found;
}

describe.skipIf(TEST_SERVER === undefined)("a connection to the database that is cut at each statement", () => {
  test.each(WHEN)(
    "%s it runs, while a source is loaded: each document is stored whole and once, and a repeated load completes the source",
    async (when) => {
      const cuts = await cutAtEach(when, {
        prepare: async (url, name) => {
          const memgpt = await home(url);
          // The first connection makes the tables.
          await memgpt.sources.names();
          return { memgpt, name };
        },
        run: async ({ memgpt, name }) => isDone(() => load(memgpt, name)),
        check: async (url, { memgpt: cut, name }, isLoaded) => {
          await cut.close();
          const memgpt = await home(url);
          const whole = [
            { name: "heron.txt", passages: 1 },
            { name: "tern.txt", passages: expect.any(Number) },
          ];
          if (isLoaded) expect(await documentsIn(memgpt, name)).toEqual(whole);
          expect(await broken(url)).toEqual([]);

          await load(memgpt, name);

          const documents = await documentsIn(memgpt, name);
          expect(documents).toEqual(whole);
          const [overview] = (await memgpt.sources.list()).filter((source) => source.name === name);
          const passages = documents.reduce((sum, document) => sum + document.passages, 0);
          expect(overview).toMatchObject({ documents: 2, passages });
          expect(await broken(url)).toEqual([]);
          await memgpt.close();
        },
      });
      expect(cuts).toBeGreaterThan(5);
    },
    240_000,
  );

  test.each(WHEN)(
    "%s it runs, while shared blocks are changed: every agent has what was acknowledged, and none has a deleted block",
    async (when) => {
      const cuts = await cutAtEach(when, {
        prepare: async (url, name) => {
          const memgpt = await home(url);
          const agents = [await memgpt.createAgent({ name }), await memgpt.createAgent({ name: `${name}b` })];
          const [kept, gone] = [
            await memgpt.blocks.create({ label: `kept-${name}`, value: "old", limit: 100 }),
            await memgpt.blocks.create({ label: `gone-${name}`, value: "old", limit: 100 }),
          ];
          for (const agent of agents) for (const { id } of [kept, gone]) await memgpt.blocks.attach(agent, id);
          for (const agent of agents) await agent.close();
          return { memgpt, name, kept, gone };
        },
        run: async ({ memgpt, name, kept, gone }) => ({
          isCreated: await isDone(() => memgpt.blocks.create({ label: `new-${name}`, value: "", limit: 100 })),
          isChanged: await isDone(() => memgpt.blocks.change(kept.id, { value: "new" })),
          isDeleted: await isDone(() => memgpt.blocks.delete(gone.id)),
          isEdited: await isDone(async () => (await memgpt.openAgent(name)).changeBlock(kept.label, { limit: 200 })),
        }),
        check: async (url, { memgpt: cut, name, kept, gone }, { isCreated, isChanged, isDeleted, isEdited }) => {
          await cut.close();
          const memgpt = await home(url);
          const labels = (await memgpt.blocks.list()).map(({ label }) => label);
          expect(labels.filter((label) => label === `new-${name}`).length).toBeLessThanOrEqual(1);
          if (isCreated) expect(labels).toContain(`new-${name}`);
          const now = await memgpt.blocks.get(kept.id);
          if (isChanged) expect(now.value).toBe("new");
          if (isEdited) expect(now.limit).toBe(200);
          const isGone = !labels.includes(gone.label);
          if (isDeleted) expect(isGone).toBe(true);
          for (const one of [name, `${name}b`]) {
            const agent = await memgpt.openAgent(one);
            await agent.receiveBlocks();
            const has = new Map(agent.state.blocks.map(({ label, value }) => [label, value]));
            expect([has.get(kept.label), has.has(gone.label)]).toEqual([now.value, !isGone]);
            await agent.close();
          }
          expect(await broken(url)).toEqual([]);
          await memgpt.close();
        },
      });
      expect(cuts).toBeGreaterThan(5);
    },
    240_000,
  );

  test.each(WHEN)(
    "%s it runs, while something is forgotten: what was acknowledged is gone, and a repeated request forgets the rest",
    async (when) => {
      const cuts = await cutAtEach(when, {
        prepare: async (url, name) => {
          const memgpt = await home(url);
          const agent = await memgpt.createAgent({ name });
          const word = `zanzibar${name}x`;
          await collect(agent.send(`I lived in ${word}.`));
          await collect(agent.send("I like tea."));
          await agent.addPassages([{ text: `A photograph of ${word}.` }, { text: "A photograph of the sea." }]);
          await agent.checkpoint("before");
          return { memgpt, agent, name, word };
        },
        run: async ({ agent, word }) => isDone(() => agent.forget({ match: word })),
        check: async (url, { memgpt: cut, name, word }, isForgotten) => {
          await cut.close();
          const memgpt = await home(url);
          const pool = new PgDatabase({ url, mostConnections: 1 });
          if (isForgotten) expect(await tablesSaying(word, pool)).toEqual([]);
          const agent = await memgpt.openAgent(name);

          await agent.forget({ match: word });

          expect(await tablesSaying(word, pool)).toEqual([]);
          await pool.close();
          const said = (await agent.recall.latest(100)).map(({ content }) => content).join();
          expect(said.split("I like tea.")).toHaveLength(2);
          expect((await agent.archival.latest(10)).map(({ text }) => text)).toEqual(["A photograph of the sea."]);
          expect(await broken(url)).toEqual([]);
          await memgpt.close();
        },
      });
      expect(cuts).toBeGreaterThan(2);
    },
    240_000,
  );
});
