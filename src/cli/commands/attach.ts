import { visible } from "../terminal/sanitize.ts";
import { withAgent } from "./with-agent.ts";

/** `memgpt attach AGENT SOURCE`. */
export async function attach(agent: string, source: string): Promise<void> {
  await withAgent(agent, (opened) => opened.attach(source));
  process.stdout.write(`${visible(`${agent} can search ${source} now.`)}\n`);
}

/** `memgpt detach AGENT SOURCE`. */
export async function detach(agent: string, source: string): Promise<void> {
  await withAgent(agent, (opened) => opened.detach(source));
  process.stdout.write(`${visible(`${agent} no longer searches ${source}.`)}\n`);
}
