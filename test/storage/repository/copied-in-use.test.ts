import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { type Agent, MemGPT } from "memgpt";
import { expect, onTestFinished, test } from "vitest";
import { type AgentFolder, agentFolder } from "../../../src/storage/files/paths.ts";
import { temporaryFolder, testHome, openingNotices } from "../../support/agents.ts";

/** So many turns fill the write-ahead log, which then begins again at its start. */
const TURNS_OF_LOG = 18;

/** Orders in which a copying program may come to the parts of an agent. */
const ORDERS: readonly (readonly (keyof AgentFolder)[])[] = [
  ["checkpoints", "database", "lock"],
  ["database", "checkpoints", "lock"],
  ["lock", "database", "checkpoints"],
];

test.each(ORDERS)(
  "a copy that took %s, %s and %s while turns were written opens without a false claim",
  async (...order) => {
    const { agent, memgpt } = await busyAgent();
    const before = (await agent.recall.latest(20)).map(({ id }) => id);
    const words = agent.state.blocks.find(({ label }) => label === "human")?.value ?? "";

    const copy = await copied(memgpt, agent, order);

    const again = await copy.openAgent("sam");
    const notices = await openingNotices(again);
    expect(notices.join("\n")).toContain("The files of sam were copied while the agent was in use");
    expect(notices.join("\n")).not.toMatch(/taken to that time|is gone, or an older/);
    // What was acknowledged before the copying began is there, or the notices say how much is not.
    const lacking = await missingIn(again, before);
    if (lacking.length > 0) expect(notices.join("\n")).toMatch(/missing|damaged/);
    expect(again.state.blocks.find(({ label }) => label === "human")?.value).toContain(words);
    await again.close();

    // Said once: from here on it is an agent like any other.
    expect(await openingNotices(await copy.openAgent("sam"))).toEqual([]);
  },
);

test("a copy of an idle agent opens without a notice", async () => {
  const { agent, memgpt } = await busyAgent();
  await agent.close();

  const copy = await copied(memgpt, undefined, ["checkpoints", "database", "lock"]);

  expect(await openingNotices(await copy.openAgent("sam"))).toEqual([]);
});

async function busyAgent(): Promise<{ agent: Agent; memgpt: MemGPT }> {
  const memgpt = await testHome();
  const agent = await memgpt.createAgent({ name: "sam" });
  await agent.ask("My name is Ada.");
  await agent.ask("The zebra at the zoo was wonderful today.");
  return { agent, memgpt };
}

/** Another home with a copy of sam, made part by part while the agent goes on talking. */
async function copied(
  memgpt: MemGPT,
  agent: Agent | undefined,
  order: readonly (keyof AgentFolder)[],
): Promise<MemGPT> {
  const copy = await MemGPT.open({ dir: temporaryFolder(), env: {} });
  onTestFinished(() => copy.close());
  const [from, to] = [agentFolder(memgpt.home, "sam"), agentFolder(copy.home, "sam")];
  let [turns, isDone] = [0, false];
  const talking = (async (): Promise<void> => {
    for (; agent !== undefined && !isDone; turns += 1) {
      await agent.ask(`Giraffe number ${turns} ate a leaf.`);
      // A turn of the practice model leaves nobody else time.
      await setImmediate();
    }
  })();
  for (const part of order) {
    await copyPart(from[part], to[part]);
    if (part === "database" && existsSync(`${from.database}-wal`)) {
      await goneOn(TURNS_OF_LOG, () => turns, agent);
      await copyFile(`${from.database}-wal`, `${to.database}-wal`);
    }
    await goneOn(2, () => turns, agent);
  }
  isDone = true;
  await talking;
  return copy;
}

/** Waits until so many turns more were acknowledged. */
async function goneOn(more: number, turns: () => number, agent: Agent | undefined): Promise<void> {
  const start = turns();
  while (agent !== undefined && turns() < start + more) await setImmediate();
}

/** A file, or a folder of files, some of which may go away meanwhile. */
async function copyPart(from: string, to: string): Promise<void> {
  mkdirSync(join(to, ".."), { recursive: true });
  if (!from.endsWith("agent_state")) {
    await copyFile(from, to);
    return;
  }
  mkdirSync(to, { recursive: true });
  for (const file of readdirSync(from)) await copyFile(join(from, file), join(to, file)).catch(() => undefined);
}

async function missingIn(agent: Agent, ids: readonly string[]): Promise<string[]> {
  const there = await Promise.all(ids.map((id) => agent.recall.get(id)));
  return ids.filter((_, index) => there[index] === undefined);
}
