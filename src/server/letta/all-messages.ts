import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError, type Message } from "../../index.ts";
import { answers, body, idIn, on } from "../http/api.ts";
import { pageQuery } from "../http/paging.ts";
import type { Service } from "../http/service.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Owner } from "../house/owners.ts";
import { threadStore } from "../house/threads.ts";
import { textContent, textOf } from "./agent-requests.ts";
import { type Part, messageIdOf, partsOf } from "./parts.ts";
import { messageShape } from "./schemas.ts";

const tags = ["Messages"];
const AT_A_TIME = 100;
const options = { useAssistantMessage: true };

/** The messages of all of a caller's agents. */
export function allMessageRoutes({ api }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/messages",
      tags,
      summary: "The messages of all of the caller's agents, of one agent, or of one conversation, newest first.",
      request: {
        query: pageQuery({ limit: 100, order: "desc" }).extend({
          agent_id: z.string().optional(),
          conversation_id: z.string().optional(),
        }),
      },
      responses: answers(z.array(messageShape), "A page of messages."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { limit, after, before, order, agent_id, conversation_id } = c.req.valid("query");
      const entries = await searched(owner, agent_id, conversation_id);
      const isDown = order === "desc";
      const [from, to] = await Promise.all([timeOf(owner, after), timeOf(owner, before)]);
      // The page after an unknown id is empty.
      if ((after !== undefined && from === undefined) || (before !== undefined && to === undefined)) return [];
      const compare = (a: Dated, b: Dated): number => (isDown ? -1 : 1) * byTime(a, b);
      const isBetween = (one: Dated): boolean =>
        (from === undefined || compare(one, from) > 0) && (to === undefined || compare(one, to) < 0);
      const found = await Promise.all(
        entries.map((entry) =>
          messagesOf(owner, entry, { isDown, limit, isBetween, isNear: after === undefined && to !== undefined }),
        ),
      );
      const all = found.flat().sort((a, b) => compare(a, b));
      return after === undefined && before !== undefined ? all.slice(-limit || all.length) : all.slice(0, limit);
    },
  );

  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/messages/{message_id}",
      tags,
      summary: "A message with all its parts.",
      request: { params: idIn("message_id") },
      responses: answers(z.array(messageShape), "Its parts."),
    }),
    async (c) => {
      const { message_id } = c.req.valid("param");
      const { message } = await existing(c.get("owner"), message_id, c.get("owner").agents.all());
      return partsOf(message, options);
    },
  );

  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/messages/search",
      tags,
      summary: "Searches messages as the agent does: in one agent, one conversation, or all of them.",
      request: {
        body: body(
          z.looseObject({
            query: z.string().max(10_000),
            agent_id: z.string().nullish(),
            conversation_id: z.string().nullish(),
            limit: z.number().int().min(1).max(1000).nullish(),
            start_date: z.string().nullish(),
            end_date: z.string().nullish(),
          }),
        ),
      },
      responses: answers(z.array(messageShape), "Messages, best first."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { query, agent_id, conversation_id, limit, start_date, end_date } = c.req.valid("json");
      const size = limit ?? 50;
      const days = {
        ...(start_date == null ? {} : { from: start_date.slice(0, 10) }),
        ...(end_date == null ? {} : { to: end_date.slice(0, 10) }),
      };
      const found = await Promise.all(
        (await searched(owner, agent_id, conversation_id)).map(async (entry) => {
          if (query.trim() === "") return [];
          const { results } = await owner.memgpt.find(entry.folder, { query, in: "recall", size, ...days });
          return results.map(({ id, role, text, time, score }) => ({ id, role, text, time, score, agent: entry.id }));
        }),
      );
      const best = found.flat().sort((a, b) => b.score - a.score);
      return best.slice(0, size).map(({ id, role, text, time, agent }) => ({
        message_type: role === "user" ? "user_message" : "assistant_message",
        id: `message-${id}`,
        message_id: `message-${id}`,
        content: text,
        date: time,
        created_at: time,
        agent_id: agent,
      }));
    },
  );

  on(
    api,
    createRoute({
      method: "patch",
      path: "/v1/agents/{agent_id}/messages/{message_id}",
      tags,
      summary: "Changes the text of a message; searches find the new text. One undo restores the old one.",
      request: {
        params: idIn("agent_id").extend(idIn("message_id").shape),
        body: body(z.looseObject({ content: textContent.nullish(), reasoning: z.string().nullish() })),
      },
      responses: answers(messageShape, "The changed message."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { agent_id, message_id } = c.req.valid("param");
      const { content, reasoning } = c.req.valid("json");
      const { entry, message } = await existing(owner, message_id, [await owner.agents.get(agent_id)]);
      const text = textOf(content ?? reasoning ?? "");
      await owner.use(entry, (agent) => agent.editMessage(message.id, text));
      const parts = partsOf((await existing(owner, message_id, [entry])).message, options);
      return parts.find(({ id }) => id === message_id) ?? parts.at(-1);
    },
  );
}

type Dated = Pick<Part, "id" | "date">;

function byTime(a: Dated, b: Dated): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

async function timeOf(owner: Owner, id: string | undefined): Promise<Dated | undefined> {
  if (id === undefined) return undefined;
  const found = await messageWith(owner, id, owner.agents.all());
  return found === undefined ? undefined : { id, date: found.message.createdAt };
}

type Reading = {
  readonly isDown: boolean;
  readonly limit: number;
  readonly isBetween: (part: Dated) => boolean;
  /** Whether the page holds the last parts that match, not the first. */
  readonly isNear: boolean;
};

/** All parts of one agent that the page may need. */
async function messagesOf(
  owner: Owner,
  entry: AgentEntry,
  { isDown, limit, isBetween, isNear }: Reading,
): Promise<Part[]> {
  return owner.read(entry, async ({ recall }) => {
    const found: Part[] = [];
    let from: string | undefined;
    for (;;) {
      const messages = await recall.list({ newestFirst: isDown, count: AT_A_TIME, after: from });
      for (const message of messages) found.push(...partsOf(message, options).filter(isBetween));
      from = messages.at(-1)?.id;
      if (messages.length < AT_A_TIME || (!isNear && found.length >= limit)) return found;
    }
  });
}

async function messageWith(
  owner: Owner,
  id: string,
  entries: readonly AgentEntry[],
): Promise<{ readonly entry: AgentEntry; readonly message: Message } | undefined> {
  for (const entry of entries) {
    const message = await owner.read(entry, ({ recall }) => recall.get(messageIdOf(id))).catch(() => undefined);
    if (message !== undefined) return { entry, message };
  }
  return undefined;
}

/** @throws MemGPTError `not_found`. */
async function existing(
  owner: Owner,
  id: string,
  entries: readonly AgentEntry[],
): Promise<{ readonly entry: AgentEntry; readonly message: Message }> {
  const found = await messageWith(owner, id, entries);
  if (found === undefined) throw new MemGPTError("not_found", `There is no message ${id}.`);
  return found;
}

async function searched(
  owner: Owner,
  agentId: string | null | undefined,
  conversationId: string | null | undefined,
): Promise<AgentEntry[]> {
  if (conversationId != null && conversationId !== "default") {
    return [await threadStore(owner, owner.threads.get(conversationId))];
  }
  if (agentId == null) return owner.agents.all().filter(({ hidden }) => hidden !== "archive");
  const entry = await owner.agents.get(agentId);
  if (conversationId === "default") return [entry];
  return [entry, ...(await Promise.all(owner.threads.all(agentId).map((thread) => threadStore(owner, thread))))];
}
