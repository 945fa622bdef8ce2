import type { Agent } from "../../index.ts";
import { openHome } from "../terminal/open-home.ts";
import { warn } from "../terminal/print.ts";

/** Opens an agent for one command, prints its notices, and closes it however the command ends. */
export async function withAgent<T>(name: string, work: (agent: Agent) => Promise<T>): Promise<T> {
  const memgpt = await openHome();
  const agent = await memgpt.openAgent(name, {}, { withoutModel: true });
  const shown = agent.notices;
  show(shown);
  try {
    return await work(agent);
  } finally {
    await agent.close();
    show(agent.notices.filter((notice) => !shown.includes(notice)));
  }
}

function show(notices: readonly string[]): void {
  for (const notice of notices) warn(notice);
}
