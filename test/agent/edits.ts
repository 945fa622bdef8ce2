import type { Agent, MemGPT } from "memgpt";
import type { ScriptedAnswer } from "memgpt/testing";

const FIRST = { page: 0, size: 10 };

export const say = (message: string): ScriptedAnswer => ({
  think: `I say ${message}`,
  call: "send_message",
  args: { message },
});

/** Keeps `fact` in core and archival memory, and replies. */
export const learn = (fact: string, message = `Noted: ${fact}`): ScriptedAnswer => ({
  think: `Worth keeping: ${fact}`,
  calls: [
    { call: "core_memory_append", args: { name: "human", content: fact } },
    { call: "archival_memory_insert", args: { content: fact } },
    { call: "send_message", args: { message } },
  ],
});

/** Appends `fact` without a word to the person, and goes on. */
export const note = (fact: string): ScriptedAnswer => ({
  think: `Noting ${fact}`,
  call: "core_memory_append",
  args: { name: "human", content: fact, request_heartbeat: true },
});

/** Longer than a small window. It leads to a memory alert, which the model may answer without a word. */
export const LONG = `Tulips ${"and so on ".repeat(3000)} and roses`;
export const QUIET: ScriptedAnswer = { call: "core_memory_append", args: { name: "human", content: "Likes flowers." } };

export function human(agent: Agent): string {
  return blockOf(agent, "human");
}

export function blockOf(agent: Agent, label: string): string {
  const block = agent.state.blocks.find((block) => block.label === label);
  if (block === undefined) throw new Error(`There is no block ${label}`);
  return block.value;
}

/** How often recall storage finds `query`, and how often archival storage does. */
export async function found(agent: Agent, query: string): Promise<[recall: number, archival: number]> {
  const recall = await agent.recall.search({ text: query }, FIRST);
  const archival = await agent.archival.search({ text: query }, FIRST);
  return [recall.total, archival.total];
}

/** All that can be seen of an agent, its checkpoints and what can be undone included. */
export async function everything(agent: Agent): Promise<unknown> {
  return {
    state: agent.state,
    messages: await agent.recall.latest(1000),
    passages: await agent.archival.latest(1000),
    actions: await agent.actions(1000),
    checkpoints: await agent.checkpoints(),
  };
}

export async function reopened(memgpt: MemGPT, agent: Agent): Promise<Agent> {
  await agent.close();
  return memgpt.openAgent(agent.name);
}

export const NO_COUNTS = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];
