import { writeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Agent, type AgentEvent, type Llm, MemGPT } from "memgpt";
import { draftOf, messageOf } from "../messages.ts";

/**
 * Talks to an agent without end, does everything else with it in between, and says on standard output what has been
 * acknowledged. Written synchronously: what was printed when the process is killed has reached the parent, what was not has
 * not happened as far as it knows.
 */
type Victim = { readonly dir: string; readonly database?: string; readonly name: string; readonly first: number };
const { dir, database, name, first } = JSON.parse(process.argv[2] ?? "{}") as Victim;

const THINKING_MS = 15;

say("start");
const plain = await MemGPT.open({ dir, env: {} });
// A model that thinks for a while, so that many of the kills come while it does.
const memgpt = await MemGPT.open({ dir, env: {}, database, llm: (settings) => thinking(plain.llm(settings)) });
let agent = (await memgpt.hasAgent(name))
  ? await memgpt.openAgent(name)
  : await memgpt.createAgent({ name, contextWindow: 4096 });
for (let number = first; ; number += 1) {
  await deliver(agent, number);
  await after(number);
}

function thinking(llm: Llm): Llm {
  return {
    model: llm.model,
    async *complete(request) {
      await delay(THINKING_MS);
      return yield* llm.complete(request);
    },
  };
}

/** Message `number` reaches the agent: said, imported, or as the edit of a draft. */
async function deliver(to: Agent, number: number): Promise<void> {
  if (number % 9 === 4) {
    await to.importMessages([{ role: "user", text: messageOf(number) }]);
    say(`ack ${number}`);
    say("did import");
  } else if (number % 9 === 7) {
    await follow(to.send(draftOf(number)), `draft ${number}`);
    await follow(to.retry({ message: messageOf(number) }), `ack ${number}`);
    say("did edit");
  } else {
    await follow(to.send(messageOf(number)), `ack ${number}`);
  }
}

/** Something else that leaves message `number` where it is in the end. */
async function after(number: number): Promise<void> {
  switch (number % 9) {
    case 1:
      await follow(agent.retry(), `ack ${number}`);
      say("did retry");
      return;
    case 2:
      say(`takes ${number}`);
      await agent.undo();
      await agent.redo();
      say(`ack ${number}`);
      say("did undo");
      return;
    case 3:
      await agent.checkpoint(`before ${number}`);
      await agent.ask("This is to be forgotten.");
      await agent.loadCheckpoint(`before ${number}`);
      say("did load");
      return;
    case 5:
      await agent.close();
      for await (const event of memgpt.reindex(name)) if (event.type === "done") say("did reindex");
      agent = await memgpt.openAgent(name);
      return;
    case 8:
      say(`wipes ${number}`);
      await agent.wipe();
      await agent.undo();
      say(`ack ${number}`);
      say("did wipe");
      return;
  }
}

async function follow(events: AsyncIterable<AgentEvent>, done: string): Promise<void> {
  for await (const event of events) if (event.type === "turn_end") say(done);
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
