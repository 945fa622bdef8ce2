import type { Agent } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";
import { visible } from "../terminal/sanitize.ts";

/** Opens an agent for one command, and lets go of it however the command ends. */
export async function withAgent<T>(name: string, work: (agent: Agent) => Promise<T>): Promise<T> {
  const memgpt = await openHome();
  const agent = await memgpt.openAgent(name, {}, { withoutModel: true });
  const told = agent.notices;
  tell(told);
  try {
    return await work(agent);
  } finally {
    await agent.close();
    tell(agent.notices.filter((notice) => !told.includes(notice)));
  }
}

function tell(notices: readonly string[]): void {
  for (const notice of notices) process.stderr.write(`${visible(notice)}\n`);
}
