import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, flag, idIn, on, several } from "../http/api.ts";
import { pageOfAll, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import { messageShape, runShape } from "./schemas.ts";
import { allRuns } from "./run-list.ts";
import { partsOfRun } from "./run-parts.ts";
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
      summary: "The newest turns of the caller's agents.",
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
    async (c) => {
      const { agent_id, agent_ids, statuses, active, background, conversation_id, stop_reason, ...page } =
        c.req.valid("query");
      const all = await allRuns(c, runs);
      const found = all.filter(
        (run) =>
          (agent_id === undefined || run.agent_id === agent_id) &&
          (agent_ids === undefined || agent_ids.includes(run.agent_id)) &&
          (statuses === undefined || statuses.includes(run.status)) &&
          (active !== true || run.status === "running") &&
          (background === undefined || run.background === background) &&
          (conversation_id === undefined || run.conversation_id === conversation_id) &&
          (stop_reason === undefined || run["stop_reason"] === stop_reason),
      );
      return pageOfAll(found, page, all);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/active",
      tags,
      summary: "The running turns.",
      responses: answers(z.array(runShape), "All of them, oldest first."),
    }),
    async (c) => (await allRuns(c, runs)).filter(({ status }) => status === "running"),
  );

  on(
    api,
    createRoute({
      method: "delete",
      path: "/v1/runs/{run_id}",
      tags,
      summary: "Stops a turn if it is running, and removes it from the list. What it did stays.",
      request: { params },
      responses: answers(runShape, "The run."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const run = await runs.named(owner, c.req.valid("param").run_id);
      run.cancel();
      await runs.remove(owner, run.id);
      return runJson(run);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}/trace",
      tags,
      summary: "Always empty: the server keeps no traces.",
      request: { params },
      responses: answers(z.array(z.unknown()), "An empty list."),
    }),
    async (c) => {
      await runs.named(c.get("owner"), c.req.valid("param").run_id);
      return [];
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}",
      tags,
      summary: "A turn and its status.",
      request: { params },
      responses: answers(runShape, "The run."),
    }),
    async (c) => runJson(await runs.named(c.get("owner"), c.req.valid("param").run_id)),
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}/messages",
      tags,
      summary: "A turn's messages so far.",
      request: { params, query: pageQuery({ limit: 100, order: "asc" }) },
      responses: answers(z.array(messageShape), "Its messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const run = await runs.named(owner, c.req.valid("param").run_id);
      return pageOfParts(await partsOfRun(owner, run), c.req.valid("query"));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/runs/{run_id}/usage",
      tags,
      summary: "A turn's token usage.",
      request: { params },
      responses: answers(z.looseObject({ total_tokens: z.number() }), "In tokens."),
    }),
    async (c) => usageJson(await runs.named(c.get("owner"), c.req.valid("param").run_id)),
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/runs/{run_id}/stream",
      tags,
      summary: "Follows a turn, from its start or after the message with the given number.",
      request: {
        params,
        body: body(followRequest, false),
      },
      responses: answers(messageShape, "Server-sent events, like those of the turn itself."),
    }),
    async (c) => {
      const run = await runs.named(c.get("owner"), c.req.valid("param").run_id);
      return followRun(c, run, c.req.valid("json"), pingMs);
    },
  );
}
