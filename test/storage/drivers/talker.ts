import { writeSync } from "node:fs";
import { MemGPT } from "memgpt";

/** Talks to a new agent without end, which keeps a passage with every turn, and prints a line for each that was acknowledged. */
const { home, name }: { home: string; name: string } = JSON.parse(process.argv[2] ?? "{}");

writeSync(1, "start\n");
const memgpt = await MemGPT.open({ dir: home, env: {} });
const agent = await memgpt.createAgent({ name, contextWindow: 4096 });
for (let number = 1; ; number += 1) {
  await agent.ask(`The parcel number ${number} came today.`);
  await agent.addPassages([{ text: `Parcel ${number} stands in the hall.` }]);
  writeSync(1, `ack ${number}\n`);
}
