import { writeSync } from "node:fs";
import { MemGPT } from "memgpt";
import { messageOf } from "../messages.ts";

/**
 * Talks to an agent without end and says on standard output what has been acknowledged. Written synchronously: what
 * was printed when the process is killed has reached the parent, what was not has not happened as far as it knows.
 */
const { home, name, first }: { home: string; name: string; first: number } = JSON.parse(process.argv[2] ?? "{}");

writeSync(1, "start\n");
const memgpt = await MemGPT.open({ dir: home, env: {} });
const agent = (await memgpt.hasAgent(name))
  ? await memgpt.openAgent(name)
  : await memgpt.createAgent({ name, contextWindow: 4096 });
for (let number = first; ; number += 1) {
  for await (const event of agent.send(messageOf(number))) {
    if (event.type === "turn_end") writeSync(1, `ack ${number}\n`);
  }
}
