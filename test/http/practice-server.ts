import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { text } from "node:stream/consumers";
import type { Completion, LlmDelta, MainContext, Message } from "memgpt";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { PracticeLlm } from "../../src/llm/practice/practice-llm.ts";

const bodySchema = z.object({
  model: z.string(),
  stream: z.boolean().default(false),
  messages: z.array(
    z.object({
      role: z.enum(["system", "user", "assistant", "tool"]),
      content: z.string().nullable().default(null),
      tool_call_id: z.string().optional(),
      tool_calls: z
        .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
        .default([]),
    }),
  ),
  tools: z
    .array(
      z.object({
        function: z.object({
          name: z.string(),
          description: z.string(),
          parameters: z.record(z.string(), z.unknown()),
        }),
      }),
    )
    .default([]),
});
type Body = z.infer<typeof bodySchema>;

/** Starts `server` on loopback until the test is over. @returns its port. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server is not listening.");
  return address.port;
}

/** The practice model behind a server that speaks chat completions, streaming and not. @returns its base URL. */
export async function practiceServer(): Promise<string> {
  const server = createServer((request, response) => {
    void answer(request, response);
  });
  return `http://127.0.0.1:${await listen(server)}/v1`;
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
    response.writeHead(404).end();
    return;
  }
  const body = bodySchema.parse(JSON.parse(await text(request)));
  const deltas: LlmDelta[] = [];
  const stream = new PracticeLlm().complete({ context: contextOf(body), maxTokens: 1000 });
  let next = await stream.next();
  for (; next.done !== true; next = await stream.next()) deltas.push(next.value);
  if (body.stream) sendStream(response, deltas, next.value);
  else sendWhole(response, next.value);
}

function sendWhole(response: ServerResponse, { content, calls }: Completion): void {
  const message = { role: "assistant", content, ...(calls.length === 0 ? {} : { tool_calls: calls.map(wireCall) }) };
  const choice = { index: 0, message, finish_reason: calls.length === 0 ? "stop" : "tool_calls" };
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ id: "c", object: "chat.completion", created: 1, model: "m", choices: [choice] }));
}

function sendStream(response: ServerResponse, deltas: readonly LlmDelta[], { calls }: Completion): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  const send = (delta: unknown, finish: string | null = null): void => {
    const choices = [{ index: 0, delta, finish_reason: finish }];
    const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const begun = new Set<number>();
  for (const delta of deltas) {
    if (delta.type === "content") send({ content: delta.text });
    if (delta.type !== "call") continue;
    const { index, name, arguments: args } = delta;
    const head = begun.has(index) ? {} : { id: calls[index]?.id, type: "function" };
    const part = { index, ...head, function: begun.has(index) ? { arguments: args } : { name, arguments: args } };
    begun.add(index);
    send({ tool_calls: [part] });
  }
  send({}, calls.length === 0 ? "stop" : "tool_calls");
  response.end("data: [DONE]\n\n");
}

function wireCall({ id, name, arguments: args }: Completion["calls"][number]): object {
  return { id, type: "function", function: { name, arguments: args } };
}

/** What the request was made from. */
function contextOf({ messages, tools }: Body): MainContext {
  const [first, ...rest] = messages;
  const names = new Map(messages.flatMap(({ tool_calls }) => tool_calls.map((call) => [call.id, call.function.name])));
  return {
    system: first?.role === "system" ? (first.content ?? "") : "",
    queue: (first?.role === "system" ? rest : messages).map((message, index) => messageOf(message, index, names)),
    functions: tools.map((tool) => tool.function),
  };
}

function messageOf(
  { role, content, tool_call_id, tool_calls }: Body["messages"][number],
  index: number,
  names: ReadonlyMap<string, string>,
): Message {
  const common = { id: `m${index}`, createdAt: "2026-11-21T12:00:00.000Z" };
  switch (role) {
    case "system":
    case "user":
      return { ...common, role: "user", event: eventOf(content ?? ""), content: content ?? "" };
    case "assistant": {
      const calls = tool_calls.map((call) => ({ id: call.id, ...call.function }));
      return { ...common, role: "assistant", content, calls };
    }
    case "tool": {
      const callId = tool_call_id ?? "";
      const status = content?.includes('"status":"Failed"') === true ? "Failed" : "OK";
      return { ...common, role: "function", callId, name: names.get(callId) ?? "", status, content: content ?? "" };
    }
  }
}

const envelope = z.looseObject({ type: z.string(), message: z.string().default("") });

function eventOf(content: string): Extract<Message, { role: "user" }>["event"] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    return "system_alert";
  }
  const { type, message } = envelope.catch({ type: "", message: "" }).parse(parsed);
  if (type === "system_alert" && /^\d+ earlier messages of/.test(message)) return "summary";
  return type === "user_message" || type === "login" || type === "heartbeat" ? type : "system_alert";
}
