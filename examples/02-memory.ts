// Reading what an agent remembers: core memory, recall storage and archival storage.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemGPT } from "memgpt";

const dir = mkdtempSync(join(tmpdir(), "memgpt-example-"));
const memgpt = await MemGPT.open({ dir });
const agent = await memgpt.createAgent({ name: "sam" });

// A message can carry the time at which it was said.
const old = {
  type: "user_message",
  message: "We went to Six Flags and rode the big coaster",
  time: "2023-05-08T13:56:00Z",
} as const;
for await (const event of agent.send(old)) if (event.type === "turn_end") console.log(`${event.steps} step(s)`);
await agent.ask("Save this to archival memory: the coaster at Six Flags is called Goliath");

const said = await agent.recall.search({ text: '"six flags"', range: { to: "2024-01-01" } }, { page: 0, size: 5 });
for (const { createdAt, role, text } of said.items) console.log(`${createdAt} ${role}: ${text}`);
const kept = await agent.archival.search({ text: "coaster" }, { page: 0, size: 5 });
for (const { text } of kept.items) console.log(`archival: ${text}`);
for (const { label, value, limit } of agent.state.blocks)
  console.log(`${label}: ${value.length} of ${limit} characters`);
const { used, window } = agent.context();
console.log(`context: ${used < window ? "fits" : "overflows"}`);

await memgpt.close();
rmSync(dir, { recursive: true });
