import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { ElsewhereError } from "../house/elsewhere.ts";
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
import { cancelledElsewhere, holderOfNewest } from "./run-list.ts";
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
      summary: "Starts another conversation with an agent: its own messages, shared core memory.",
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
      summary: "Conversations, newest first.",
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
      summary: "Changes a conversation's summary or description.",
      request: { params, body: body(fields) },
      responses: answers(anything, "The changed conversation."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id, ...known } = owner.threads.get(c.req.valid("param").conversation_id);
      const { summary = known.summary, description = known.description } = c.req.valid("json");
      return threadJson(owner, await owner.threads.put({ ...known, summary, description }, id));
    },
  );

  on(
    api,
    createRoute({
      method: "delete",
      path,
      tags,
      summary: "Deletes a conversation; what it wrote to core memory stays.",
      request: { params },
      responses: answers(anything, "A confirmation."),
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
      summary: "Sends a message and streams the reply as events, or returns it whole if `streaming` is false.",
      request: { params, query: ofAgent, body: body(sendMessage.extend({ agent_id: z.string().nullish() })) },
      responses: answers(messageShape, "Server-sent events, like those of an agent's own messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const request = c.req.valid("json");
      const id = c.req.valid("param").conversation_id;
      const target = await storeAndAgent(owner, id, c.req.valid("query").agent_id ?? request.agent_id);
      const isStream = request.streaming ?? true;
      return answerTurn(c, service, { owner, request, isStream, conversationId: id, ...target });
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: `${path}/messages`,
      tags,
      summary: "A conversation's messages, newest first.",
      request: { params, query: messageQuery.extend(ofAgent.shape) },
      responses: answers(z.array(messageShape), "A page of messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, use_assistant_message: useAssistantMessage = true, ...query } = c.req.valid("query");
      const { entry } = await storeAndAgent(owner, c.req.valid("param").conversation_id, agent_id);
      return listMessages(owner, entry, { ...query, useAssistantMessage, wanted: typesWanted(query) });
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/stream`,
      tags,
      summary: "Follows the conversation's newest turn, from its start or after the message with the given number.",
      request: {
        params,
        body: body(followRequest, false),
      },
      responses: answers(messageShape, "Server-sent events, like those of the turn itself."),
    }),
    async (c) => {
      const { conversation_id } = c.req.valid("param");
      const run = runs.all(c.get("owner").id).findLast((one) => one.options.conversationId === conversation_id);
      const holder = await holderOfNewest(c, conversation_id, run?.createdAt ?? "");
      if (holder !== undefined) throw new ElsewhereError(`The turn of ${conversation_id} is not here.`, holder);
      if (run === undefined) throw new Refusal(404, "not_found", `${conversation_id} has no turn to follow.`);
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
      responses: answers(z.record(z.string(), z.string()), "The status of each run, by id."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { id } = owner.threads.get(c.req.valid("param").conversation_id);
      const running = runs.all(owner.id).filter((run) => run.options.conversationId === id && run.status === "running");
      for (const run of running) run.cancel();
      const here = Object.fromEntries(running.map((run) => [run.id, "cancelled"]));
      return { ...here, ...(await cancelledElsewhere(c)) };
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/fork`,
      tags,
      summary: "Starts another conversation as a copy of this one; the two are independent from then on.",
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
      const { entry, agentId } = await storeAndAgent(owner, id, c.req.valid("query").agent_id ?? agent_id);
      if (message_id != null) c.get("warnings").push("message_id is ignored: the whole conversation was copied.");
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
      summary: "Returns the system prompt. It needs no recompiling: it is always built from current memory.",
      request: { params, query: ofAgent, body: body(z.looseObject({}), false) },
      responses: answers(z.string(), "The prompt."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { entry } = await storeAndAgent(owner, c.req.valid("param").conversation_id, c.req.valid("query").agent_id);
      return c.json((await owner.read(entry, (store) => store.load()))?.system ?? "");
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: `${path}/compact`,
      tags,
      summary: "Replaces the oldest messages in the conversation's context with a summary.",
      request: { params, body: body(z.looseObject({}), false) },
      responses: answers(z.looseObject({ summary: z.string() }), "The summary, and how many messages are in context."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { entry } = await storeAndAgent(owner, c.req.valid("param").conversation_id, undefined);
      return summarized(owner, entry);
    },
  );
}

/** The agent that holds a conversation's messages, and the agent it is with. `default` is an agent's own conversation. */
async function storeAndAgent(
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
