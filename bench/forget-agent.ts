/** Opens an agent and forgets a word, or everything before a day. Prints as JSON the peak resident megabytes and the seconds. */
import { MemGPT } from "memgpt";

const [dir = "", name = "", request = "{}"] = process.argv.slice(2);
const resident = (): number => process.resourceUsage().maxRSS / 1024;
const memgpt = await MemGPT.open({ dir, env: {} });
const agent = await memgpt.openAgent(name, {}, { withoutModel: true });
const opened = resident();
const started = performance.now();
const { messages } = await agent.forget(JSON.parse(request) as Parameters<typeof agent.forget>[0]);
const seconds = (performance.now() - started) / 1000;
const left = await agent.recall.size();
await memgpt.close();
process.stdout.write(JSON.stringify({ messages, left, seconds, opened, most: resident() }));
