import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { anything } from "../letta/schemas.ts";

const tags = ["Memory over time"];
const params = idIn("agent_id");
const count = z.number().int().min(1).max(1000).optional();

/** What Letta's API has no words for: undo, checkpoints, and why memory says what it says. */
export function timeTravelRoutes({ api }: Service): void {
  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/undo",
      tags,
      summary: "Takes back the last turn or command, or the last `count`, memory included.",
      request: { params, body: body(z.object({ count }), false) },
      responses: answers(anything, "What was undone, the newest first, and what it changed."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const { count: wanted = 1 } = c.req.valid("json");
      return owner.use(entry, (agent) => agent.undo(wanted));
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/redo",
      tags,
      summary: "Takes back the last undo.",
      request: { params },
      responses: answers(anything, "What was redone, and what it changed."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return owner.use(entry, (agent) => agent.redo());
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/checkpoints",
      tags,
      summary: "The checkpoints of an agent, the newest first.",
      request: { params },
      responses: answers(z.array(anything), "All of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { folder } = await owner.agents.get(c.req.valid("param").agent_id);
      return owner.memgpt.checkpoints(folder);
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/checkpoints",
      tags,
      summary: "Keeps a checkpoint for ever, by a name if one is given.",
      request: { params, body: body(z.object({ name: z.string().nullish() }), false) },
      responses: answers(anything, "The checkpoint."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return owner.use(entry, (agent) => agent.checkpoint(c.req.valid("json").name ?? null));
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/checkpoints/load",
      tags,
      summary:
        "Goes to a checkpoint, earlier or later, memory and searches included: by its name, number, file or a time.",
      request: { params, body: body(z.object({ checkpoint: z.string() })) },
      responses: answers(anything, "The checkpoint, and what changed."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return owner.use(entry, (agent) => agent.loadCheckpoint(c.req.valid("json").checkpoint));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/history",
      tags,
      summary: "How core memory came to say what it says, the oldest edit first.",
      request: { params, query: z.object({ label: z.string().optional() }) },
      responses: answers(z.array(anything), "The edits."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { folder } = await owner.agents.get(c.req.valid("param").agent_id);
      return owner.memgpt.history(folder, c.req.valid("query").label);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/why",
      tags,
      summary: "What led to the last reply: thoughts, searches with what ranked their results, edits of memory.",
      request: { params },
      responses: answers(anything.nullable(), "The explanation; null if there is no reply in context."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return (await owner.use(entry, (agent) => agent.why())) ?? null;
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/search",
      tags,
      summary: "Searches what an agent remembers, as it does itself.",
      request: {
        params,
        query: z.object({
          query: z.string().max(10_000),
          in: z.enum(["recall", "archival", "all"]).default("all"),
          from: z.string().optional(),
          to: z.string().optional(),
          page: z.coerce.number().int().min(1).optional(),
          size: z.coerce.number().int().min(1).max(1000).optional(),
          around: z.coerce.number().int().min(0).max(100).optional(),
        }),
      },
      responses: answers(anything, "A page of results, best first, each with what it was ranked by."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { folder } = await owner.agents.get(c.req.valid("param").agent_id);
      const { query, in: storage, from, to, page, size, around } = c.req.valid("query");
      if (storage === "all") return owner.memgpt.findAll(folder, { query, from, to, size });
      return owner.memgpt.find(folder, { query, in: storage, from, to, page, size, around });
    },
  );
}
