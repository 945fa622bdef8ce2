import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, body, flag, idIn, on } from "../http/api.ts";
import { pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import type { ToolEntry } from "../house/tools.ts";
import { agentShape, toolShape } from "./schemas.ts";
import { agentJson, toolJson } from "./shapes.ts";
import { KEPT, pageOfTools } from "./tools.ts";

const tags = ["Tools"];
const params = idIn("tool_id");
const ofAgent = idIn("agent_id");

export function agentToolRoutes({ api, models }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/tools",
      tags,
      summary: "The tools of an agent.",
      request: { params: ofAgent, query: pageQuery({ limit: 10, order: "desc" }) },
      responses: answers(z.array(toolShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const attached = await toolsOf(owner, await owner.agents.get(c.req.valid("param").agent_id));
      return pageOfTools(attached, await owner.tools.all(), c.req.valid("query")).map(toolJson);
    },
  );

  for (const [word, change] of [
    ["attach", attach],
    ["detach", detach],
  ] as const) {
    on(
      api,
      createRoute({
        method: "patch",
        path: `/v1/agents/{agent_id}/tools/${word}/{tool_id}`,
        tags,
        summary: word === "attach" ? "Attaches a tool to an agent." : "Detaches a tool from an agent.",
        request: { params: ofAgent.extend(params.shape) },
        responses: answers(agentShape, "The agent."),
      }),
      async (c) => {
        const owner = c.get("owner");
        const { agent_id, tool_id } = c.req.valid("param");
        const entry = await owner.agents.get(agent_id);
        await change(owner, entry, await owner.tools.get(tool_id));
        return agentJson(owner, await owner.agents.get(agent_id), models);
      },
    );
  }

  const approvalQuery = z.object({ requires_approval: flag.optional() });
  // Letta's client sends `body_requires_approval`.
  const approvalFields = z.looseObject({
    requires_approval: z.boolean().nullish(),
    body_requires_approval: z.boolean().nullish(),
  });
  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/agents/{agent_id}/tools/approval/{tool_name}",
      tags,
      summary: "Sets whether calls of a function wait for approval.",
      request: {
        params: ofAgent.extend(idIn("tool_name").shape),
        query: approvalQuery,
        body: body(approvalFields, false),
      },
      responses: answers(agentShape, "The agent."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, tool_name } = c.req.valid("param");
      const entry = await owner.agents.get(agent_id);
      const fields = c.req.valid("json");
      const requiresApproval =
        fields.requires_approval ?? fields.body_requires_approval ?? c.req.valid("query").requires_approval;
      await checkHas(owner, entry, tool_name);
      const changed = await owner.agents.update(agent_id, ({ approvals }) => {
        const others = approvals.filter((name) => name !== tool_name);
        return { approvals: (requiresApproval ?? true) ? [...others, tool_name] : others };
      });
      return agentJson(owner, changed, models);
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/tools/{tool_name}/run",
      tags,
      summary: `Always fails: the server does not run tools. ${KEPT}`,
      request: {
        params: ofAgent.extend(idIn("tool_name").shape),
        body: body(z.looseObject({ args: z.record(z.string(), z.unknown()).nullish() }), false),
      },
      responses: answers(z.looseObject({ status: z.string() }), "What the tool returned."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, tool_name } = c.req.valid("param");
      await checkHas(owner, await owner.agents.get(agent_id), tool_name);
      const reason = `${tool_name} was not run: this server stores tools but does not run them. Run it in the client.`;
      return { status: "error", func_return: reason, tool_return: reason, stdout: [], stderr: [reason] };
    },
  );
}

async function toolsOf(owner: Owner, entry: AgentEntry): Promise<ToolEntry[]> {
  const state = await owner.read(entry, (store) => store.load());
  return owner.tools.of(state?.functions ?? [], entry.tools);
}

/** @throws MemGPTError `not_found`. */
async function checkHas(owner: Owner, entry: AgentEntry, tool: string): Promise<void> {
  const attached = await toolsOf(owner, entry);
  if (!attached.some(({ name }) => name === tool)) throw new MemGPTError("not_found", `The agent has no tool ${tool}.`);
}

async function attach(owner: Owner, entry: AgentEntry, tool: ToolEntry): Promise<void> {
  if (!tool.isBuiltIn) {
    await owner.agents.update(entry.id, ({ tools }) => ({ tools: [...new Set([...tools, tool.id])] }));
    return;
  }
  await owner.use(entry, async (agent) => {
    if (!agent.state.functions.includes(tool.name)) await agent.addFunction(tool.name);
  });
}

async function detach(owner: Owner, entry: AgentEntry, tool: ToolEntry): Promise<void> {
  if (!tool.isBuiltIn) {
    await owner.agents.update(entry.id, ({ tools }) => ({ tools: tools.filter((id) => id !== tool.id) }));
    return;
  }
  await owner.use(entry, async (agent) => {
    if (agent.state.functions.includes(tool.name)) await agent.removeFunction(tool.name);
  });
}
