import { MemGPT, type Message } from "memgpt";
import { packEvent, packReturn } from "../src/agent/pack.ts";
import { timeOrderedId } from "../src/host/new-id.ts";
import { agentFolder, homeAt } from "../src/storage/files/paths.ts";
import { SqliteAgentStore } from "../src/storage/sqlite/agent-store.ts";
import { type Random, seeded } from "../test/crash/random.ts";
import { prose } from "./vocabulary.ts";

/** Messages per commit: many, because each commit costs a sync. */
const BATCH = 6000;
const QUEUE = 24;
const MINUTE = 60_000;

/** Name of the agent with a history of `size`. */
export function nameOf(size: number): string {
  return `history_${size}`;
}

/** Creates that agent in `dir` if missing. */
export async function build(dir: string, size: number): Promise<void> {
  const memgpt = await MemGPT.open({ dir, env: {} });
  // A --dir folder may have it from an earlier run.
  if (await memgpt.hasAgent(nameOf(size))) return;
  await (await memgpt.createAgent({ name: nameOf(size) })).close();
  await addHistory(dir, nameOf(size), size);
}

/**
 * Gives a closed agent a past of about `size` messages in recall storage: exchanges of a message, an answer and the return of
 * its call, minutes apart, up to now.
 */
async function addHistory(dir: string, name: string, size: number): Promise<void> {
  const store = await SqliteAgentStore.open({ file: agentFolder(homeAt(dir), name).database });
  try {
    let state = await store.history.load();
    if (state === undefined) throw new Error(`${name} has no state`);
    const random = seeded(size);
    const missing = size - (await store.recall.size());
    const start = Date.now() - missing * MINUTE;
    for (let made = 0; made < missing;) {
      const messages: Message[] = [];
      for (; messages.length < BATCH && made < missing; made += 3) {
        messages.push(...exchange(random, new Date(start + made * MINUTE).toISOString()));
      }
      const queue = messages.slice(-QUEUE);
      state = { ...state, queue, evicted: made, greeted: true, lastActiveAt: queue.at(-1)?.createdAt ?? null };
      await store.history.commit({
        action: { id: crypto.randomUUID(), label: "bench" },
        cause: "bench",
        at: new Date().toISOString(),
        state,
        messages,
        passages: [],
      });
    }
  } finally {
    await store.close();
  }
}

function exchange(random: Random, now: string): Message[] {
  const newId = (): string => timeOrderedId(Date.parse(now));
  const context = { newId, now, lastActiveAt: null };
  const call = { id: newId(), name: "send_message", arguments: JSON.stringify({ message: prose(random, 8, 20) }) };
  return [
    packEvent({ type: "user_message", message: prose(random, 4, 28) }, context),
    { id: newId(), createdAt: now, role: "assistant", content: prose(random, 8, 8), calls: [call] },
    packReturn(call, { status: "OK", output: "None" }, context),
  ];
}
