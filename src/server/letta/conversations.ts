import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { Refusal } from "../house/refusal.ts";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageOf, pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import type { ThreadEntry } from "../house/thread-book.ts";
import { createThread, forkThread, removeThread, threadStore } from "../house/threads.ts";
import { messageQuery, sendMessage } from "./message-requests.ts";
import { listMessages } from "./message-list.ts";
import { anything, messageShape } from "./schemas.ts";
import { summarized } from "./summary.ts";
import { answerTurn, followRequest, followRun, typesWanted } from "./turn-answers.ts";

const tags = ["Conversations"];
const params = idIn("conversation_id");
const ofAgent = z.object({ agent_id: z.string().max(200).optional() });
const fields = z.looseObject({ summary: z.string().nullish(), description: z.string().nullish() });
const path = "/v1/conversations/{conversation_id}";

export function conversationRoutes(service: Service): void {
  const { api, runs, pingMs } = service;

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/conversations",
      tags,
      summary: "Begins another conversation with an agent: messages of its own, core memory in common.",
      request: { query: z.object({ agent_id: z.string().max(200) }), body: body(fields, false) },
      responses: answers(anything, "The conversation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const entry = await owner.agents.get(c.req.valid("query").agent_id);
      const { summary = null, description = null } = c.req.valid("json");
      return threadJson(owner, await createThread(owner, entry, { summary, description }));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/conversations",
      tags,
      summary: "Conversations, the newest first.",
      request: { query: pageQuery({ limit: 50, order: "desc" }).extend(ofAgent.shape) },
      responses: answers(z.array(anything), "A page of them."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, ...page } = c.req.valid("query");
      const found = pageOf(owner.threads.all(agent_id), page, (id) => owner.threads.place(id));
      return Promise.all(found.map((thread) => threadJson(owner, thread)));
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path,
      tags,
      summary: "A conversation.",
      request: { params },
      responses: answers(anything, "The conversation."),
    }),
    (c) => threadJson(c.get("owner"), c.get("owner").threads.get(c.req.valid("param").conversation_id)),
  );

  on(
    api,
    createRoute({
      method: "patch",
      path,
      tags,
      summary: "Changes what a conversation is called.",
      request: { params, body: body(fields) },
      responses: answers(anything, "The conversation as it is now."),
    }),
    (c) => {
      const owner = c.get("owner");
      const { id, ...known } = owner.threads.get(c.req.valid("param").conversation_id);
      const { summary = known.summary, description = known.description } = c.req.valid("json");
      return threadJson(owner, owner.threads.put({ ...known, summary, description }, id));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path,
      tags,
      summary: "Removes a conversation; what it wrote to core memory stays.",
      request: { params },
      responses: answers(anything, "It is gone."),
    }),
    async (c) => {
      const owner = c.get("owner");
      await removeThread(owner, owner.threads.get(c.req.valid("param").conversation_id));
      return { message: "The conversation is deleted." };
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/messages`,
      tags,
      summary: "Sends a message, and answers with a stream of events; whole, where `streaming` is false.",
      request: { params, query: ofAgent, body: body(sendMessage.extend({ agent_id: z.string().nullish() })) },
      responses: answers(messageShape, "Server-sent events, as of an agent's own messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const request = c.req.valid("json");
      const id = c.req.valid("param").conversation_id;
      const asked = await meant(owner, id, c.req.valid("query").agent_id ?? request.agent_id);
      const isStream = request.streaming ?? true;
      return answerTurn(c, service, { owner, request, isStream, conversationId: id, ...asked });
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/messages`,
      tags,
      summary: "What was said and done in a conversation, the newest first.",
      request: { params, query: messageQuery.extend(ofAgent.shape) },
      responses: answers(z.array(messageShape), "A page of messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, use_assistant_message: useAssistantMessage = true, ...query } = c.req.valid("query");
      const { entry } = await meant(owner, c.req.valid("param").conversation_id, agent_id);
      return listMessages(owner, entry, { ...query, useAssistantMessage, wanted: typesWanted(query) });
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/stream`,
      tags,
      summary: "Follows the conversation's newest turn, from its beginning or after the message of that number.",
      request: {
        params,
        body: body(followRequest, false),
      },
      responses: answers(messageShape, "Server-sent events, as of the turn itself."),
    }),
    (c) => {
      const { conversation_id } = c.req.valid("param");
      const run = runs.all(c.get("owner").id).findLast((one) => one.options.conversationId === conversation_id);
      if (run === undefined) throw new Refusal(404, "not_found", `There is no turn of ${conversation_id} to follow.`);
      return followRun(c, run, c.req.valid("json"), pingMs);
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/cancel`,
      tags,
      summary: "Stops the conversation's turns. Finished steps are kept.",
      request: { params },
      responses: answers(z.record(z.string(), z.string()), "What became of each run."),
    }),
    (c) => {
      const owner = c.get("owner");
      const { id } = owner.threads.get(c.req.valid("param").conversation_id);
      const its = runs.all(owner.id).filter((run) => run.options.conversationId === id && run.status === "running");
      for (const run of its) run.cancel();
      return Object.fromEntries(its.map((run) => [run.id, "cancelled"]));
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/fork`,
      tags,
      summary:
        "Begins another conversation as a copy of this one; what is said in either from then on the other has not.",
      request: {
        params,
        query: ofAgent,
        body: body(z.looseObject({ agent_id: z.string().nullish(), message_id: z.string().nullish() }), false),
      },
      responses: answers(anything, "The new conversation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, message_id } = c.req.valid("json");
      const { conversation_id: id } = c.req.valid("param");
      const { entry, agentId } = await meant(owner, id, c.req.valid("query").agent_id ?? agent_id);
      if (message_id != null) c.get("warnings").push("message_id is not heeded: the whole conversation was copied.");
      const known = id.startsWith("conv-") ? owner.threads.get(id) : { summary: null, description: null };
      return threadJson(owner, await forkThread(owner, { entry, agentId }, known));
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/recompile`,
      tags,
      summary: "Answers with the system prompt; it is always made of the memory of the moment.",
      request: { params, query: ofAgent, body: body(z.looseObject({}), false) },
      responses: answers(z.string(), "The prompt."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { entry } = await meant(owner, c.req.valid("param").conversation_id, c.req.valid("query").agent_id);
      return c.json((await owner.read(entry, (store) => store.load()))?.system ?? "");
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/compact`,
      tags,
      summary: "Puts a summary in place of the oldest messages in the conversation's context.",
      request: { params, body: body(z.looseObject({}), false) },
      responses: answers(z.looseObject({ summary: z.string() }), "The summary, and how many messages are in context."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { entry } = await meant(owner, c.req.valid("param").conversation_id, undefined);
      return summarized(owner, entry);
    },
  );
}

/** The agent that has a conversation's messages, and the one that it is with. `default` is an agent's own conversation. */
async function meant(
  owner: Owner,
  id: string,
  agentId: string | null | undefined,
): Promise<{ readonly entry: AgentEntry; readonly agentId: string }> {
  const own = id === "default" ? (agentId ?? "") : id.startsWith("agent-") ? id : undefined;
  if (own !== undefined) return { entry: await owner.agents.get(own), agentId: own };
  const thread = owner.threads.get(id);
  return { entry: await threadStore(owner, thread), agentId: thread.agent };
}

async function threadJson(owner: Owner, thread: ThreadEntry): Promise<Record<string, unknown>> {
  const { id, agent, summary, description, createdAt } = thread;
  const state = await owner.read(await threadStore(owner, thread), (store) => store.load());
  return {
    id,
    agent_id: agent,
    summary,
    description,
    created_at: createdAt,
    updated_at: state?.lastActiveAt ?? createdAt,
    in_context_message_ids: (state?.queue ?? []).map((message) => `message-${message.id}`),
    isolated_block_ids: [],
  };
}
