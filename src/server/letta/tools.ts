import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, body, flag, idIn, on, several } from "../http/api.ts";
import { pageOf, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import type { ToolEntry, ToolRecord } from "../house/tools.ts";
import { agentShape, anything, toolShape } from "./schemas.ts";
import { agentJson, toolJson } from "./shapes.ts";

const tags = ["Tools"];
const params = idIn("tool_id");
const ofAgent = idIn("agent_id");

const toolFields = z
  .looseObject({
    source_code: z.string().nullish(),
    source_type: z.string().nullish(),
    json_schema: z.record(z.string(), z.unknown()).nullish(),
    description: z.string().nullish(),
    tags: z.array(z.string()).nullish(),
    return_char_limit: z.number().int().positive().nullish(),
    default_requires_approval: z.boolean().nullish(),
    name: z.string().nullish(),
  })
  .openapi("ToolFields");

/** Published examples write fields as their language does. */
const toolBody = z.preprocess(snakeCased, toolFields).openapi({ type: "object" });

function snakeCased(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [snake(name), field as unknown]));
}

/** The schema of a function, also where it is wrapped as OpenAI wraps it. */
function bareSchema(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const inner = schema["type"] === "function" ? schema["function"] : undefined;
  return typeof inner === "object" && inner !== null ? { ...inner } : schema;
}

function recordOf(request: z.output<typeof toolFields>): Partial<ToolRecord> {
  const {
    source_code,
    source_type,
    json_schema,
    description,
    tags: its,
    return_char_limit,
    default_requires_approval,
    name,
  } = request;
  return {
    ...(name == null ? {} : { name }),
    ...(source_code == null ? {} : { sourceCode: source_code }),
    ...(source_type == null ? {} : { sourceType: source_type }),
    ...(json_schema == null ? {} : { jsonSchema: bareSchema(json_schema) }),
    ...(description == null ? {} : { description }),
    ...(its == null ? {} : { tags: its }),
    ...(return_char_limit == null ? {} : { returnCharLimit: return_char_limit }),
    ...(default_requires_approval == null ? {} : { requiresApproval: default_requires_approval }),
  };
}

const KEPT = "A tool is kept and shown, and its source is never run here.";

export function toolRoutes({ api, models }: Service): void {
  for (const [method, word] of [
    ["post", "create"],
    ["put", "upsert"],
  ] as const) {
    on(
      api,
      createRoute({
        method,
        path: "/v1/tools",
        tags,
        summary: `${word === "create" ? "Keeps a tool." : "Keeps a tool, in place of one of the same name."} ${KEPT}`,
        request: { body: body(toolBody) },
        responses: answers(toolShape, "The tool."),
      }),
      async (c) => toolJson(await c.get("owner").tools[word](recordOf(c.req.valid("json")))),
    );
  }

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/tools",
      tags,
      summary: "The caller's tools and those that are built in.",
      request: {
        query: pageQuery({ limit: 50, order: "desc" }).extend({
          name: z.string().optional(),
          names: several.optional(),
          search: z.string().optional(),
          tool_types: several.optional(),
        }),
      },
      responses: answers(z.array(toolShape), "A page of them."),
    }),
    async (c) => {
      const { name, names, search, tool_types, ...page } = c.req.valid("query");
      const { tools } = c.get("owner");
      const all = await tools.all();
      const found = all.filter(
        (tool) =>
          (name === undefined || tool.name === name) &&
          (names === undefined || names.includes(tool.name)) &&
          (search === undefined || tool.name.toLowerCase().includes(search.toLowerCase())) &&
          (tool_types === undefined || tool_types.includes(tool.isBuiltIn ? "letta_core" : "custom")),
      );
      return paged(found, all, page).map(toolJson);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/tools/count",
      tags,
      summary: "How many tools there are for the caller.",
      responses: answers(z.number(), "Their number."),
    }),
    async (c) => (await c.get("owner").tools.all()).length,
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/tools/search",
      tags,
      summary: "Searches the names and descriptions of tools.",
      request: {
        body: body(
          z.looseObject({
            query: z.string().max(1000).nullish(),
            tool_types: z.array(z.string()).nullish(),
            tags: z.array(z.string()).nullish(),
            limit: z.number().int().min(1).max(100).nullish(),
          }),
        ),
      },
      responses: answers(z.array(anything), "Tools, those with most words of the query first."),
    }),
    async (c) => {
      const { query, tags: wanted, limit } = c.req.valid("json");
      const words = (query ?? "")
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word !== "");
      const scored = (await c.get("owner").tools.all()).map((tool) => {
        const text = `${tool.name} ${tool.description ?? ""}`.toLowerCase();
        return { tool, score: words.filter((word) => text.includes(word)).length };
      });
      const found = scored.filter(
        ({ tool, score }) =>
          (words.length === 0 || score > 0) && (wanted == null || wanted.some((tag) => tool.tags.includes(tag))),
      );
      const best = found.sort((a, b) => b.score - a.score).slice(0, limit ?? 50);
      return best.map(({ tool, score }) => ({ tool: toolJson(tool), combined_score: score, embedded_text: null }));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/tools/{tool_id}",
      tags,
      summary: "A tool.",
      request: { params },
      responses: answers(toolShape, "The tool."),
    }),
    async (c) => toolJson(await c.get("owner").tools.get(c.req.valid("param").tool_id)),
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/tools/{tool_id}",
      tags,
      summary: "Changes a tool of the caller's own.",
      request: { params, body: body(toolBody) },
      responses: answers(toolShape, "The tool as it is now."),
    }),
    async (c) => {
      const { tool_id } = c.req.valid("param");
      return toolJson(await c.get("owner").tools.update(tool_id, recordOf(c.req.valid("json"))));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/tools/{tool_id}",
      tags,
      summary: "Removes a tool of the caller's own.",
      request: { params },
      responses: answers(anything, "It is gone."),
    }),
    async (c) => {
      const { tool_id } = c.req.valid("param");
      await c.get("owner").tools.remove(tool_id);
      return { message: `Tool ${tool_id} is deleted.` };
    },
  );

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
      const its = await toolsOf(owner, await owner.agents.get(c.req.valid("param").agent_id));
      return paged(its, await owner.tools.all(), c.req.valid("query")).map(toolJson);
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
        summary: word === "attach" ? "Gives an agent a tool." : "Takes a tool from an agent.",
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

  const asked = z.object({ requires_approval: flag.optional() });
  // The client sends the field under the name that it has for it.
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
      summary: "Says whether calls of a function wait for approval.",
      request: {
        params: ofAgent.extend(idIn("tool_name").shape),
        query: asked,
        body: body(approvalFields, false),
      },
      responses: answers(agentShape, "The agent."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, tool_name } = c.req.valid("param");
      const entry = await owner.agents.get(agent_id);
      const fields = c.req.valid("json");
      const wanted =
        fields.requires_approval ?? fields.body_requires_approval ?? c.req.valid("query").requires_approval;
      await checkHas(owner, entry, tool_name);
      const others = entry.approvals.filter((name) => name !== tool_name);
      const changed = owner.agents.update(agent_id, { approvals: (wanted ?? true) ? [...others, tool_name] : others });
      return agentJson(owner, changed, models);
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/tools/{tool_name}/run",
      tags,
      summary: `Answers that the tool was not run. ${KEPT}`,
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
      const reason = `${tool_name} was not run: this server keeps tools and runs none. Run it where you are.`;
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
  const its = await toolsOf(owner, entry);
  if (!its.some(({ name }) => name === tool)) throw new MemGPTError("not_found", `The agent has no tool ${tool}.`);
}

async function attach(owner: Owner, entry: AgentEntry, tool: ToolEntry): Promise<void> {
  if (!tool.isBuiltIn) {
    owner.agents.update(entry.id, { tools: [...new Set([...entry.tools, tool.id])] });
    return;
  }
  await owner.use(entry, async (agent) => {
    if (!agent.state.functions.includes(tool.name)) await agent.addFunction(tool.name);
  });
}

async function detach(owner: Owner, entry: AgentEntry, tool: ToolEntry): Promise<void> {
  if (!tool.isBuiltIn) {
    owner.agents.update(entry.id, { tools: entry.tools.filter((id) => id !== tool.id) });
    return;
  }
  await owner.use(entry, async (agent) => {
    if (agent.state.functions.includes(tool.name)) await agent.removeFunction(tool.name);
  });
}

/** A page of tools; those that are built in are the oldest. */
function paged(
  found: readonly ToolEntry[],
  all: readonly ToolEntry[],
  page: Parameters<typeof pageOf>[1],
): ToolEntry[] {
  const places = new Map(all.map(({ id, isBuiltIn }, index) => [id, isBuiltIn ? index - all.length : index]));
  return pageOf(found, page, (id) => places.get(id));
}
