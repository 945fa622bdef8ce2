import type { Context } from "hono";

type Json = Readonly<Record<string, unknown>>;

/** An answer as its client knows it: Letta's clients of 2025 have no message for summaries. */
export function asClientKnows(c: Pick<Context, "req">, value: unknown): unknown {
  if (c.req.header("x-fern-sdk-version") === undefined) return value;
  if (Array.isArray(value)) return value.map(formerly);
  const messages = isJson(value) ? value["messages"] : undefined;
  return isJson(value) && Array.isArray(messages) ? { ...value, messages: messages.map(formerly) } : formerly(value);
}

function formerly(part: unknown): unknown {
  if (!isJson(part) || part["message_type"] !== "summary_message") return part;
  const { summary, ...rest } = part;
  return { ...rest, message_type: "system_message", content: summary };
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null;
}
