import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { messageQuery, sendMessage } from "./message-requests.ts";
import { listMessages } from "./message-list.ts";
import { cancelledElsewhere } from "./run-list.ts";
import { messageShape, responseShape, runShape } from "./schemas.ts";
import { agentJson, runJson } from "./shapes.ts";
import { summarized } from "./summary.ts";
import { answerTurn, startRun, typesWanted } from "./turn-answers.ts";

const tags = ["Messages"];
const params = idIn("agent_id");
const request = { params, body: body(sendMessage) };

export function messageRoutes(service: Service): void {
  const { api, models, runs } = service;

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/messages",
      tags,
      summary: "Sends a message and returns the reply, or streams it as events if `streaming` is true.",
      request,
      responses: answers(responseShape, "The agent's thoughts, calls and messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const sent = c.req.valid("json");
      return answerTurn(c, service, { owner, entry, request: sent, isStream: sent.streaming ?? false });
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/messages/stream",
      tags,
      summary: "Sends a message and streams the reply as events: whole messages, or tokens if `stream_tokens` is true.",
      request,
      responses: answers(messageShape, "Server-sent events with one message each; the last is [DONE]."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return answerTurn(c, service, { owner, entry, request: c.req.valid("json"), isStream: true });
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/messages/async",
      tags,
      summary: "Sends a message and returns at once; poll the run for its result.",
      request,
      responses: answers(runShape, "The run."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const background = { ...c.req.valid("json"), background: true };
      if (background.callback_url != null) c.get("warnings").push("callback_url is not called; poll the run.");
      return runJson(await startRun(c, service, { owner, entry, request: background, isStream: false }));
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/messages/cancel",
      tags,
      summary: "Stops the agent's turns, or those of the given runs. Finished steps are kept.",
      request: { params, body: body(z.looseObject({ run_ids: z.array(z.string()).nullish() }), false) },
      responses: answers(z.record(z.string(), z.string()), "The status of each run, by id."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id } = await owner.agents.get(c.req.valid("param").agent_id);
      const named = c.req.valid("json").run_ids ?? undefined;
      const agentRuns = runs.all(owner.id).filter((run) => run.agentId === id);
      const affected = agentRuns.filter((run) => named?.includes(run.id) ?? run.status === "running");
      for (const run of affected) run.cancel();
      const here = affected.map((run): [string, string] => [
        run.id,
        run.status === "running" ? "cancelled" : run.status,
      ]);
      return { ...Object.fromEntries(here), ...(await cancelledElsewhere(c)) };
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/messages",
      tags,
      summary: "The agent's messages, newest first. `after` and `before` are ids, relative to the requested order.",
      request: { params, query: messageQuery },
      responses: answers(z.array(messageShape), "A page of messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const { use_assistant_message: useAssistantMessage = true, ...query } = c.req.valid("query");
      return listMessages(owner, entry, { ...query, useAssistantMessage, wanted: typesWanted(query) });
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/agents/{agent_id}/reset-messages",
      tags,
      summary: "Removes all messages; core and archival memory stay. One undo restores them.",
      request: {
        params,
        body: body(z.looseObject({ add_default_initial_messages: z.boolean().nullish() }), false),
      },
      responses: answers(z.looseObject({}), "The agent."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      await owner.use(entry, (agent) => agent.clearMessages());
      return agentJson(owner, entry, models);
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/summarize",
      tags,
      summary: "Replaces the oldest messages in context with a summary; they stay in recall storage.",
      request: { params, body: body(z.looseObject({}), false) },
      responses: answers(z.looseObject({ summary: z.string() }), "The summary, and how many messages are in context."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      return summarized(owner, entry);
    },
  );
}
