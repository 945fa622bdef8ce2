// An agent learns something, is closed, and still knows it when opened again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemGPT } from "memgpt";

const dir = mkdtempSync(join(tmpdir(), "memgpt-example-"));
const memgpt = await MemGPT.open({ dir });

const agent = await memgpt.createAgent({ name: "sam" });
for await (const event of agent.send("My boyfriend James baked me a birthday cake")) {
  if (event.type === "memory_edit") console.log(`memory: ${event.label} is now\n${event.after}`);
  if (event.type === "assistant_message") console.log(`sam: ${event.text}`);
}
await agent.close();

const again = await memgpt.openAgent("sam");
console.log(`sam: ${(await again.ask("What is my boyfriend's name?")) ?? ""}`);

await memgpt.close();
rmSync(dir, { recursive: true });
