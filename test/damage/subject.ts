import { readdirSync } from "node:fs";
import { type MainContext, MemGPT } from "memgpt";
import { type ScriptedAnswer, ScriptedLlm } from "memgpt/testing";
import { agentFolder } from "../../src/storage/files/paths.ts";
import { CheckpointFolder } from "../../src/storage/files/checkpoints.ts";
import { SqliteAgentStore } from "../../src/storage/sqlite/agent-store.ts";

/** The agent that is damaged. */
export const NAME = "sam";

/** All that an agent remembers, as far as it can be told by reading. */
export type Memory = {
  readonly messages: ReadonlyMap<string, string>;
  readonly passages: ReadonlyMap<string, string>;
  readonly blocks: string;
  /** Each checkpoint that can be loaded, and what is in it. */
  readonly checkpoints: ReadonlyMap<string, string>;
};

/** Makes an agent of so many turns, with passages, edits of core memory, undone turns and saved checkpoints. */
export async function makeSubject(dir: string, turns: number): Promise<void> {
  let minute = 0;
  const now = (): string => new Date(Date.UTC(2026, 10, 21, 12) + 60_000 * (minute += 1)).toISOString();
  const memgpt = await MemGPT.open({ dir, env: {}, now, llm: answers });
  const agent = await memgpt.createAgent({ name: NAME });
  for (let turn = 0; turn < turns; turn += 1) {
    await agent.ask(`In turn ${turn} I went to the ${PLACES[turn % PLACES.length] ?? ""} with number ${turn * 7919}.`);
    if (turn % 10 === 4) await agent.checkpoint(`after turn ${turn}`);
    if (turn % 12 === 6) await agent.undo(1);
  }
  await memgpt.close();
}

const PLACES = ["harbour", "observatory", "library", "glasshouse", "museum"];

/** Answers by the number of the turn; whoever keeps something answers in the next step. */
export function answers(): ScriptedLlm {
  return new ScriptedLlm(Array.from({ length: 1000 }, () => answer));
}

function answer({ queue }: MainContext): ScriptedAnswer {
  const asked = queue.findLast((message) => message.role === "user" && message.event === "user_message");
  const turn = Number(/In turn (\d+)/.exec(asked?.role === "user" ? asked.content : "")?.[1] ?? 0);
  const place = PLACES[turn % PLACES.length] ?? "";
  const isAsked = queue.at(-1) === asked;
  if (isAsked && turn % 3 === 1) {
    const content = `Passage ${turn}: the shelf of number ${turn * 104_729} stands in the ${place}.`;
    return { call: "archival_memory_insert", args: { content, request_heartbeat: true } };
  }
  if (isAsked && turn % 5 === 2) {
    return { call: "core_memory_append", args: { name: "human", content: `Fact ${turn}.`, request_heartbeat: true } };
  }
  return {
    think: `I think of the ${place}.`,
    call: "send_message",
    args: { message: `The ${place} of turn ${turn}, noted.` },
  };
}

/** Reads all that the agent in this home remembers. Its database must be sound. */
export async function memoryOf(dir: string): Promise<Memory> {
  const memgpt = await MemGPT.open({ dir, env: {} });
  const folder = agentFolder(memgpt.home, NAME);
  const store = await SqliteAgentStore.open({ file: folder.database, readonly: true });
  try {
    const messages = new Map<string, string>();
    for await (const message of store.recall.all()) messages.set(message.id, JSON.stringify(message));
    const passages = new Map<string, string>();
    for await (const { id, text } of store.archival.all()) passages.set(id, text);
    const state = await store.history.load();
    return {
      messages,
      passages,
      blocks: JSON.stringify(state?.blocks),
      checkpoints: checkpointsOf(folder.checkpoints),
    };
  } finally {
    await store.close();
  }
}

function checkpointsOf(path: string): Map<string, string> {
  const folder = new CheckpointFolder(path);
  const loadable = new Map<string, string>();
  for (const file of readdirSync(path).sort()) {
    try {
      loadable.set(file, JSON.stringify(folder.read(file)));
    } catch {
      // It is not among those that can be loaded.
    }
  }
  return loadable;
}
