import type { Agent } from "../../index.ts";
import { openHome } from "./open-home.ts";
import { visible } from "../terminal/sanitize.ts";

/** Opens an agent for one command, and lets go of it however the command ends. */
export async function withAgent<T>(name: string, work: (agent: Agent) => Promise<T>): Promise<T> {
  const memgpt = await openHome();
  try {
    const agent = await memgpt.openAgent(name, {}, { withoutModel: true });
    for (const notice of agent.notices) process.stderr.write(`${visible(notice)}\n`);
    return await work(agent);
  } finally {
    await memgpt.close();
  }
}
