import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Agent, MemGPT } from "memgpt";
import { ScriptedLlm } from "memgpt/testing";
import { describe, expect, test } from "vitest";
import { PracticeLlm } from "../../src/llm/practice/practice-llm.ts";
import { collect, only, temporaryFolder, testClock, testHome } from "../support/agents.ts";

async function load(memgpt: MemGPT, name: string, path: string): Promise<void> {
  for await (const event of memgpt.sources.load(name, [path])) if (event.type === "done") return;
}

/** An agent, and a source `rays` of three documents. */
async function withSource(
  script: ConstructorParameters<typeof ScriptedLlm>[0] = [],
): Promise<{ memgpt: MemGPT; agent: Agent }> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "a.txt"), "Wilhelm Röntgen found the X-rays in 1895.");
  writeFileSync(join(folder, "b.txt"), "Marie Curie worked on radium.");
  writeFileSync(join(folder, "c.txt"), "Tea is made of leaves.");
  const llm = new ScriptedLlm(script);
  const memgpt = await testHome({ llm: () => llm, now: testClock().now });
  await load(memgpt, "rays", folder);
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.addPassages([{ text: "James likes X-rays." }]);
  return { memgpt, agent };
}

const found = async (agent: Agent, query: string): Promise<[string | undefined, string][]> => {
  const { results } = await agent.find({ query, in: "archival" });
  return results.map(({ source, text }) => [source, text]);
};

test("an attached source is searched with the agent's own passages, in one list that names it", async () => {
  const { memgpt, agent } = await withSource();
  expect(await found(agent, "X-rays")).toEqual([[undefined, "James likes X-rays."]]);

  await agent.attach("rays");

  expect(new Set(await found(agent, "X-rays"))).toEqual(
    new Set([
      [undefined, "James likes X-rays."],
      ["rays", "Wilhelm Röntgen found the X-rays in 1895."],
    ]),
  );
  expect((await agent.find({ query: "X-rays", in: "archival", source: "rays" })).total).toBe(1);
  await agent.close();
  const later = await memgpt.find("sam", { query: "radium", in: "archival" });
  expect(later.results).toMatchObject([{ source: "rays", text: "Marie Curie worked on radium." }]);
});

test("attaching alerts the agent and copies nothing; one undo detaches, and a redo attaches again", async () => {
  const { agent } = await withSource();
  await agent.attach("rays");

  expect(agent.state.queue.at(-1)?.content).toContain("Archive Storage Upload Complete: the source rays (3 passages)");
  expect(await agent.archival.size()).toBe(1);

  await agent.undo();
  expect(await found(agent, "radium")).toEqual([]);
  await agent.redo();
  expect(await found(agent, "radium")).toHaveLength(1);
  await agent.detach("rays");
  expect(await found(agent, "radium")).toEqual([]);
});

test("later additions to an attached source are found at once", async () => {
  const { memgpt, agent } = await withSource();
  await agent.attach("rays");
  expect(await found(agent, "neutrino")).toEqual([]);

  const more = temporaryFolder();
  writeFileSync(join(more, "d.txt"), "The neutrino has hardly any mass.");
  await load(memgpt, "rays", more);

  expect(await found(agent, "neutrino")).toEqual([["rays", "The neutrino has hardly any mass."]]);
});

test("a deleted source causes one notice, with the command that ends it, and the agent goes on without it", async () => {
  const { memgpt, agent } = await withSource();
  await agent.attach("rays");
  await agent.close();
  await memgpt.sources.delete("rays");

  const again = await memgpt.openAgent("sam");

  const notice =
    "The attached source rays is not searched. There is no source named rays. `memgpt detach sam rays` ends this notice.";
  await again.addPassages([{ text: "Radium glows." }]);
  await again.undo();
  expect(again.notices).toEqual([notice]);
  expect(await found(again, "X-rays")).toEqual([[undefined, "James likes X-rays."]]);
});

test("refuses an unknown source, attaching twice, and detaching what is not attached", async () => {
  const { agent } = await withSource();

  await expect(agent.attach("ray")).rejects.toThrow("Did you mean rays?");
  await expect(agent.detach("rays")).rejects.toThrow("No source is attached.");
  await agent.attach("rays");
  await expect(agent.attach("rays")).rejects.toThrow("already attached");
});

const DOCQA = fileURLToPath(new URL("../../../../shared/data/docqa/passages.jsonl", import.meta.url));

describe.skipIf(!existsSync(DOCQA))("figure 6 of the paper, on real documents (skipped without them)", () => {
  test("after an upload the agent searches, pages through the results and answers with the passage named", async () => {
    const llm = new ScriptedLlm([
      {
        call: "archival_memory_search",
        args: { query: "Who won the first Nobel Prize in physics?", request_heartbeat: true },
      },
      {
        call: "archival_memory_search",
        args: { query: "Who won the first Nobel Prize in physics?", page: 1, request_heartbeat: true },
      },
      { call: "send_message", args: { message: "Wilhelm Conrad Röntgen (List of Nobel laureates in Physics)." } },
    ]);
    const memgpt = await testHome({ llm: () => llm, now: testClock().now });
    await load(memgpt, "wikipedia", DOCQA);
    const agent = await memgpt.createAgent({ name: "sam", contextWindow: 32_000 }, { verify: false });
    await agent.attach("wikipedia");

    const events = await collect(
      agent.send({ type: "user_message", message: "Who won the first Nobel Prize in physics?" }),
    );

    const [first, second] = events.flatMap((event) => (event.type === "function_return" ? [event.output] : []));
    expect(first).toMatch(/^Showing \d+ of \d+ results \(page 1\/\d+\)/);
    expect(first).toMatch(
      /source wikipedia: \[data \w+\] \(passages\.jsonl[^)]*\) id: p0000\\ntitle: List of Nobel laureates/,
    );
    expect(first).toContain("The first Nobel Prize in Physics was awarded in 1901 to Wilhelm Conrad Röntgen");
    expect(second).toMatch(/^Showing \d+ of \d+ results \(page 2\/\d+\)/);
    expect(only(events, "assistant_message").text).toContain("Röntgen");
  });

  test("the built-in practice model answers from the passage that says it, and names it", async () => {
    const memgpt = await testHome({ llm: () => new PracticeLlm(), now: testClock().now });
    await load(memgpt, "wikipedia", DOCQA);
    const agent = await memgpt.createAgent({ name: "sam" }, { verify: false });
    await agent.attach("wikipedia");

    const said = await agent.ask("Who won the first Nobel Prize in physics?");

    expect(said).toMatch(/^Archival memory says .*\(passages\.jsonl.*awarded in 1901 to Wilhelm Conrad Röntgen/s);
  });
});
