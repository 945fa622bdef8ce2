import { withAgent } from "./with-agent.ts";
import { print } from "../terminal/print.ts";

/** `memgpt attach AGENT SOURCE`. */
export async function attach(agent: string, source: string): Promise<void> {
  await withAgent(agent, (opened) => opened.attach(source));
  print(`${agent} can search ${source} now.`);
}

/** `memgpt detach AGENT SOURCE`. */
export async function detach(agent: string, source: string): Promise<void> {
  await withAgent(agent, (opened) => opened.detach(source));
  print(`${agent} no longer searches ${source}.`);
}
