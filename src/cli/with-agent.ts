import type { Agent } from "../index.ts";
import { openHome } from "./open-home.ts";

/** Opens an agent for one command, and lets go of it however the command ends. */
export async function withAgent<T>(name: string, work: (agent: Agent) => Promise<T>): Promise<T> {
  const memgpt = await openHome();
  try {
    return await work(await memgpt.openAgent(name));
  } finally {
    await memgpt.close();
  }
}
