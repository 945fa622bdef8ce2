import { type Agent, MemGPTError } from "memgpt";
import { describe, expect, test } from "vitest";
import { collect } from "../support/agents.ts";
import { TEST_SERVER } from "../support/postgres.ts";
import { broken, cutAtEach, home } from "./cut-at-each.ts";
import type { Cut } from "./cutting-proxy.ts";

describe.skipIf(TEST_SERVER === undefined)(
  "a connection to the database that is cut at each statement of a session",
  () => {
    test.each(["before", "after"] as const)(
      "%s it runs: acknowledged steps are stored once, and none is stored in part",
      async (when) => {
        const cuts = await cutAtEach(when, {
          prepare: async (url, name) => ({ url, name }),
          run: async ({ url, name }) => session(url, name),
          check: async (url, { name }, told, cut) => check(url, name, told, cut),
        });
        expect(cuts).toBeGreaterThan(15);
      },
      240_000,
    );
  },
);

/** What the session reported: texts that were kept, taken back, or of unknown outcome. */
type Told = { readonly kept: Set<string>; readonly unknown: Set<string>; readonly refused: Set<string> };

/** A person's session: whatever fails, the agent is opened again, and the next thing is done. */
async function session(url: string, name: string): Promise<Told> {
  const told: Told = { kept: new Set(), unknown: new Set(), refused: new Set() };
  const memgpt = await home(url);
  let agent: Agent | undefined;
  const open = async (): Promise<Agent> =>
    (await memgpt.hasAgent(name)) ? memgpt.openAgent(name) : memgpt.createAgent({ name });
  for (const text of ["the first thing", "the second thing", "undo", "the third thing"]) {
    try {
      agent ??= await open();
      if (text === "undo") {
        await agent.undo();
        told.kept.delete("the second thing");
        told.refused.add("the second thing");
      } else {
        await collect(agent.send(text));
        await agent.checkpoint(text);
        told.kept.add(text);
      }
    } catch (error) {
      if (!(error instanceof MemGPTError)) throw error;
      // An undo of unknown outcome leaves unknown what it was to take back.
      told.unknown.add(text === "undo" ? "the second thing" : text);
      told.kept.delete("the second thing");
      await agent?.close().catch(() => undefined);
      agent = undefined;
    }
  }
  await agent?.close();
  await memgpt.close();
  return told;
}

async function check(url: string, name: string, { kept, refused, unknown }: Told, cut: Cut): Promise<void> {
  const memgpt = await home(url);
  const agent = (await memgpt.hasAgent(name)) ? await memgpt.openAgent(name) : undefined;
  const said = agent === undefined ? [] : (await agent.recall.latest(200)).map(textOf);
  const timesOf = (text: string): number => said.filter((it) => it.includes(text)).length;
  const seen = {
    cut,
    lost: [...kept].filter((text) => timesOf(text) !== 1),
    back: [...refused].filter((text) => !unknown.has(text) && timesOf(text) !== 0),
    twice: [...unknown].filter((text) => timesOf(text) > 1),
  };
  expect(seen).toEqual({ cut, lost: [], back: [], twice: [] });
  if (agent !== undefined) {
    const stored = new Set((await agent.recall.latest(200)).map(({ id }) => id));
    const asked = agent.state.queue.filter((it) => it.role === "user" && it.event === "user_message");
    // Queue and recall storage know of the same messages.
    expect(asked.filter(({ id }) => !stored.has(id))).toEqual([]);
    expect(asked).toHaveLength(said.filter((text) => text.includes("thing")).length);
    await agent.close();
  }
  await memgpt.close();
  expect(await broken(url)).toEqual([]);
}

function textOf({ content }: { readonly content: string | null }): string {
  return content ?? "";
}
