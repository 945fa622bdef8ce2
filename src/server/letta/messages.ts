import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, idIn, on } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import { messageQuery, sendMessage } from "./message-requests.ts";
import { listMessages } from "./message-list.ts";
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
      summary: "Sends a message, and answers with what came of it; as a stream of events where `streaming` is true.",
      request,
      responses: answers(responseShape, "What the agent thought, did and said."),
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
      summary:
        "Sends a message, and answers with a stream of events: whole messages, or tokens where `stream_tokens` is true.",
      request,
      responses: answers(messageShape, "Server-sent events, each with a message as its data; the last says [DONE]."),
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
      summary: "Sends a message and answers at once; the turn is a run, which can be asked after.",
      request,
      responses: answers(runShape, "The run."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("param").agent_id);
      const background = { ...c.req.valid("json"), background: true };
      if (background.callback_url != null) c.get("warnings").push("callback_url is not called; ask after the run.");
      return runJson(await startRun(c, service, { owner, entry, request: background, isStream: false }));
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/{agent_id}/messages/cancel",
      tags,
      summary: "Stops the agent's turns, or those of the runs named. Finished steps are kept.",
      request: { params, body: body(z.looseObject({ run_ids: z.array(z.string()).nullish() }), false) },
      responses: answers(z.record(z.string(), z.string()), "What became of each run."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id } = await owner.agents.get(c.req.valid("param").agent_id);
      const named = c.req.valid("json").run_ids ?? undefined;
      const its = runs.all(owner.id).filter((run) => run.agentId === id);
      const meant = its.filter((run) => named?.includes(run.id) ?? run.status === "running");
      for (const run of meant) run.cancel();
      return Object.fromEntries(meant.map((run) => [run.id, run.status === "running" ? "cancelled" : run.status]));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/messages",
      tags,
      summary: "What was said and done, the newest first. `after` and `before` are ids, in the order asked for.",
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
      summary: "Takes back every message; core and archival memory stay. One undo brings them back.",
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
      summary: "Puts a summary in place of the oldest messages in context; they stay in recall storage.",
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
