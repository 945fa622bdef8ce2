import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { type Agent, AgentHost, MemGPT, MemGPTError } from "../../index.ts";
import { memoryServer } from "./memory-server.ts";

export type McpStdioOptions = { readonly dir?: string | undefined; readonly agent: string };

/**
 * Serves an agent's memory over standard input and output until the input ends. A missing agent is created. The agent is
 * closed shortly after each call, so that other programs can use it.
 */
export async function serveMcpStdio({ dir, agent: name }: McpStdioOptions): Promise<void> {
  const memgpt = await MemGPT.open({ dir });
  const open = async (): Promise<Agent> => {
    try {
      return await memgpt.openAgent(name, {}, { withoutModel: true });
    } catch (error) {
      if (!(error instanceof MemGPTError) || error.code !== "agent_not_found") throw error;
      return memgpt.createAgent({ name }, { withoutModel: true });
    }
  };
  const host = new AgentHost(open, { idleMs: 200 });
  const use = async <T>(work: (agent: Agent) => Promise<T>, signal?: AbortSignal): Promise<T> =>
    host.use({ name }, work, { signal });
  const ended = new Promise((resolve) => process.stdin.once("end", resolve).once("close", resolve));
  const handle = serveStdio(() => memoryServer({ name, use }));
  await ended;
  await handle.close();
  await host.close();
  await memgpt.close();
}
