import { writeSync } from "node:fs";
import { MemGPT, MemGPTError } from "memgpt";

/** One turn with the model at `endpoint`: prints `asked` when it begins, and in the end what came of it, as JSON. Ctrl-C stops it. */
const { home, endpoint }: { home: string; endpoint: string } = JSON.parse(process.argv[2] ?? "{}");

const stop = new AbortController();
let interrupted = 0;
process.on("SIGINT", () => {
  interrupted = performance.now();
  stop.abort();
});

const memgpt = await MemGPT.open({ dir: home, env: {} });
const agent = await memgpt.createAgent({ name: "sam", model: "m", endpoint }, { verify: false, maxSteps: 3 });
const before = await agent.recall.size();
const told = { notices: [] as string[], replies: [] as number[], calls: 0, error: "", code: "" };
try {
  for await (const event of agent.send("hello", { signal: stop.signal })) {
    if (event.type === "step_start") writeSync(1, "asked\n");
    if (event.type === "notice") told.notices.push(`${event.code}: ${event.text}`);
    if (event.type === "assistant_message") told.replies.push(event.text.length);
    if (event.type === "function_call") told.calls += 1;
  }
} catch (error) {
  told.error = error instanceof Error ? error.message : String(error);
  told.code = error instanceof MemGPTError ? error.code : "";
}
const stored = (await agent.recall.size()) - before;
const heard = JSON.stringify(agent.state.queue).includes("Your last answer");
const seconds = interrupted === 0 ? 0 : (performance.now() - interrupted) / 1000;
const megabytes = process.resourceUsage().maxRSS / 1024;
writeSync(1, `${JSON.stringify({ ...told, stored, heard, seconds, megabytes })}\n`);
await memgpt.close();
