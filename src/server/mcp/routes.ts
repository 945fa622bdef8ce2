import type { Context } from "hono";
import { type Agent, MemGPTError } from "../../index.ts";
import type { Env } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import { STANDARD_AGENT, agentNamed, modelNames } from "../openai/agent-named.ts";

/** Characters kept of a client's `user-agent` header. */
const LONGEST_CLIENT = 80;

/** An agent's memory for MCP clients: at `/mcp/NAME`, and the standard agent's at `/mcp`. */
export function mcpRoutes({ api, models }: Service): void {
  const serve = async (c: Context<Env>): Promise<Response> => {
    const owner = c.get("owner");
    const named = c.req.param("agent");
    const entry =
      named === undefined ? await agentNamed(owner, models, STANDARD_AGENT, []) : await existing(owner, named);
    const caller = (c.req.header("user-agent") ?? "an MCP client").slice(0, LONGEST_CLIENT);
    const use = async <T>(work: (agent: Agent) => Promise<T>, signal?: AbortSignal): Promise<T> =>
      owner.use(entry, work, signal);
    // Loaded on first use.
    const [{ createMcpHandler }, { memoryServer }] = await Promise.all([
      import("@modelcontextprotocol/server"),
      import("./memory-server.ts"),
    ]);
    // A server for each request: both versions of the protocol work without sessions.
    return createMcpHandler(() => memoryServer({ name: entry.name, use }, caller)).fetch(c.req.raw);
  };
  api.all("/mcp", serve);
  api.all("/mcp/:agent", serve);
}

/** @throws MemGPTError `agent_not_found`. */
async function existing(owner: Owner, named: string): Promise<AgentEntry> {
  const agents = await owner.agents.list();
  const entry = modelNames(agents).get(named) ?? agents.find(({ id }) => id === named);
  if (entry === undefined) throw new MemGPTError("agent_not_found", `There is no agent ${named}.`);
  return entry;
}
