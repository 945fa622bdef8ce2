import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, body, flag, idIn, on, several } from "../http/api.ts";
import { pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { Owner } from "../house/owners.ts";
import type { Run, Runs } from "../house/runs.ts";
import { messageShape, runShape } from "./schemas.ts";
import { runJson, usageJson } from "./shapes.ts";
import { followRequest, followRun, pageOfParts } from "./turn-answers.ts";

const tags = ["Runs"];
const params = idIn("run_id");

export function runRoutes({ api, runs, pingMs }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs",
      tags,
      summary: "The newest turns of the caller's agents since the server was started.",
      request: {
        query: pageQuery({ limit: 100, order: "desc" }).extend({
          agent_id: z.string().optional(),
          agent_ids: several.optional(),
          statuses: several.optional(),
          active: flag.optional(),
          background: flag.optional(),
          conversation_id: z.string().optional(),
          stop_reason: z.string().optional(),
        }),
      },
      responses: answers(z.array(runShape), "A page of them."),
    }),
    (c) => {
      const { agent_id, agent_ids, statuses, active, background, conversation_id, ...page } = c.req.valid("query");
      const all = runs.all(c.get("owner").id);
      const found = all.filter(
        (run) =>
          (agent_id === undefined || run.agentId === agent_id) &&
          (agent_ids === undefined || agent_ids.includes(run.agentId)) &&
          (statuses === undefined || statuses.includes(run.status)) &&
          (active !== true || run.status === "running") &&
          (background === undefined || run.options.background === background) &&
          (conversation_id === undefined || run.options.conversationId === conversation_id),
      );
      return pageOfAll(found, page, all).map(runJson);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}",
      tags,
      summary: "A turn: whether it goes on, and how it ended.",
      request: { params },
      responses: answers(runShape, "The run."),
    }),
    (c) => runJson(runOf(runs, c.get("owner"), c.req.valid("param").run_id)),
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}/messages",
      tags,
      summary: "What came of a turn so far.",
      request: { params, query: pageQuery({ limit: 100, order: "asc" }) },
      responses: answers(z.array(messageShape), "Its messages."),
    }),
    (c) => {
      const { parts } = runOf(runs, c.get("owner"), c.req.valid("param").run_id);
      return pageOfParts(parts, c.req.valid("query"));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}/usage",
      tags,
      summary: "What a turn took.",
      request: { params },
      responses: answers(z.looseObject({ total_tokens: z.number() }), "In tokens."),
    }),
    (c) => usageJson(runOf(runs, c.get("owner"), c.req.valid("param").run_id)),
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/runs/{run_id}/stream",
      tags,
      summary: "Follows a turn, from its beginning or after the message of that number.",
      request: {
        params,
        body: body(followRequest, false),
      },
      responses: answers(messageShape, "Server-sent events, as of the turn itself."),
    }),
    (c) => {
      const run = runOf(runs, c.get("owner"), c.req.valid("param").run_id);
      return followRun(c, run, c.req.valid("json"), pingMs);
    },
  );
}

function runOf(runs: Runs, owner: Owner, id: string): Run {
  const run = runs.get(owner.id, id);
  if (run !== undefined) return run;
  throw new MemGPTError("not_found", `There is no run ${id}: runs are known until the server is stopped.`);
}
