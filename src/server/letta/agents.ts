import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOf } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import { removeAgent } from "../house/threads.ts";
import { type AgentQuery, agentQuery, createAgent, updateAgent } from "./agent-requests.ts";
import { changeAgent, makeAgent } from "./make-agent.ts";
import { agentShape, anything } from "./schemas.ts";
import { agentJson } from "./shapes.ts";

const tags = ["Agents"];
const params = idIn("agent_id");

export function agentRoutes({ api, models }: Service): void {
  const create =
    "Creates an agent. All fields are optional; an unknown model, tool or embedding is replaced, with a warning.";
  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents",
      tags,
      summary: create,
      request: { body: body(createAgent, false) },
      responses: answers(agentShape, "The agent."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const warnings = c.get("warnings");
      const entry = await makeAgent(owner, models, c.req.valid("json"), warnings);
      return agentJson(owner, entry, models, warnings);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents",
      tags,
      summary: "The caller's agents, newest first.",
      request: { query: agentQuery },
      responses: answers(z.array(agentShape), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const query = c.req.valid("query");
      const page = pageOf(await matching(owner, query), query, (id) => owner.agents.place(id));
      return Promise.all(page.map((entry) => agentJson(owner, entry, models)));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/count",
      tags,
      summary: "The number of the caller's agents.",
      request: { query: agentQuery },
      responses: answers(z.number(), "The number."),
    }),
    async (c) => (await matching(c.get("owner"), c.req.valid("query"))).length,
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}",
      tags,
      summary: "An agent.",
      request: { params },
      responses: answers(agentShape, "The agent."),
    }),
    async (c) => {
      const owner = c.get("owner");
      return agentJson(owner, await owner.agents.get(c.req.valid("param").agent_id), models);
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/agents/{agent_id}",
      tags,
      summary: "Changes the given fields of an agent.",
      request: { params, body: body(updateAgent) },
      responses: answers(agentShape, "The changed agent."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const warnings = c.get("warnings");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const changed = await changeAgent(owner, models, entry, c.req.valid("json"), warnings);
      return agentJson(owner, changed, models, warnings);
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/agents/{agent_id}",
      tags,
      summary: "Deletes an agent and its memory for good.",
      request: { params },
      responses: answers(anything, "A confirmation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      await removeAgent(owner, entry);
      return { message: `Agent ${entry.id} is deleted.` };
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/tags",
      tags,
      summary: "The tags of the caller's agents.",
      responses: answers(z.array(z.string()), "In alphabetical order."),
    }),
    async (c) => {
      const agents = await c.get("owner").agents.list();
      return [...new Set(agents.flatMap((agent) => agent.tags))].sort();
    },
  );
}

async function matching(owner: Owner, query: AgentQuery): Promise<AgentEntry[]> {
  const {
    name,
    tags: queryTags = [],
    match_all_tags: all = false,
    query_text,
    identity_id,
    identifier_keys = [],
  } = query;
  const text = query_text?.toLowerCase();
  const identities = new Set(owner.identities.keyed(identifier_keys));
  return (await owner.agents.list()).filter((entry) => {
    const has = (tag: string): boolean => entry.tags.includes(tag);
    return (
      (name === undefined || entry.name === name) &&
      (queryTags.length === 0 || (all ? queryTags.every(has) : queryTags.some(has))) &&
      (text === undefined || `${entry.name} ${entry.description ?? ""}`.toLowerCase().includes(text)) &&
      (identity_id === undefined || entry.identities.includes(identity_id)) &&
      (identifier_keys.length === 0 || entry.identities.some((id) => identities.has(id)))
    );
  });
}
