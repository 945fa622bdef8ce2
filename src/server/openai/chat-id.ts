import type { Context } from "hono";

/** Headers in which front ends send the conversation's id. LibreChat's configuration chooses the name. */
const HEADERS = ["x-openwebui-chat-id", "x-librechat-conversation-id", "x-conversation-id", "x-chat-id"] as const;

/** Fields of a request, or of its `metadata`, with the conversation's id. */
const FIELDS = ["chat_id", "conversation_id", "conversationId"] as const;

/** What LibreChat and others send before a conversation has an id. */
const NOT_YET = new Set(["", "new", "null", "undefined"]);

/** The client's id of the conversation; undefined if it sends none. */
export function chatIdOf(c: Pick<Context, "req">, body: Readonly<Record<string, unknown>>): string | undefined {
  const metadata = typeof body["metadata"] === "object" && body["metadata"] !== null ? body["metadata"] : {};
  const fields = { ...body, ...metadata };
  const named: unknown[] = [
    ...HEADERS.map((name) => c.req.header(name)),
    ...FIELDS.map((name) => (fields as Readonly<Record<string, unknown>>)[name]),
  ];
  return named.find((id): id is string => typeof id === "string" && !NOT_YET.has(id.trim()) && !id.includes("{{"));
}
