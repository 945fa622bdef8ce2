import * as z from "zod";
import { type AgentState, type Message, type RecallStorage, agentFileMessage } from "../../index.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { textContent, textOf } from "./agent-requests.ts";
import { storedMessage } from "./make-agent.ts";
import { embeddingConfig } from "./shapes.ts";

// Agents as Letta's agent files (.af) have them. What was said and done is kept whole, so that a file that comes back is the same agent.

type Json = Record<string, unknown>;

export const fileMessage = z.looseObject({
  id: z.string().nullish(),
  role: z.string(),
  content: textContent.nullish(),
  tool_calls: z
    .array(z.looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) }))
    .nullish(),
  tool_call_id: z.string().nullish(),
  tool_returns: z.array(z.looseObject({ status: z.string().nullish(), func_response: z.string().nullish() })).nullish(),
  name: z.string().nullish(),
  created_at: z.string().nullish(),
});
export type FileMessage = z.output<typeof fileMessage>;

/** An agent as a file of the present form. Archival passages are in none. */
export async function agentFileOf(owner: Owner, entry: AgentEntry, models: Models): Promise<Json> {
  return owner.read(entry, async (store) => {
    const state = await store.load();
    if (state === undefined) throw new Error(`agent ${entry.folder} has no state`);
    const blocks = owner.blocks.of(entry, state);
    const tools = (await owner.tools.of([], entry.tools)).map(
      ({ name, description, jsonSchema, sourceCode, sourceType, tags }, index) => ({
        id: `tool-${index}`,
        name,
        description,
        json_schema: jsonSchema,
        source_code: sourceCode,
        source_type: sourceType,
        tool_type: "custom",
        tags,
      }),
    );
    const { messages, inContext } = await fileMessages(store.recall, state);
    const { model, contextWindow, endpoint } = state.settings;
    const agent = {
      id: "agent-0",
      name: entry.name,
      system: state.system,
      agent_type: entry.agentType,
      description: entry.description,
      tags: entry.tags,
      metadata: entry.metadata,
      timezone: entry.timezone,
      block_ids: blocks.map((_, index) => `block-${index}`),
      tool_ids: tools.map(({ id }) => id),
      tool_rules: entry.toolRules,
      source_ids: [],
      folder_ids: [],
      identity_ids: [],
      group_ids: [],
      files_agents: [],
      llm_config: { model, model_endpoint_type: "openai", model_endpoint: endpoint, context_window: contextWindow },
      embedding_config: embeddingConfig(models),
      messages,
      in_context_message_ids: inContext,
    };
    return {
      agents: [agent],
      groups: [],
      blocks: blocks.map(({ label, value, limit, description, readOnly, metadata }, index) => ({
        id: `block-${index}`,
        label,
        value,
        limit,
        description,
        read_only: readOnly,
        metadata,
      })),
      files: [],
      sources: [],
      tools,
      mcp_servers: [],
      skills: [],
      metadata: { revision_id: "memgpt" },
      created_at: new Date().toISOString(),
    };
  });
}

async function fileMessages(
  recall: Pick<RecallStorage, "all">,
  { queue }: AgentState,
): Promise<{ messages: Json[]; inContext: string[] }> {
  const shown = new Set(queue.map(({ id }) => id));
  const messages: Json[] = [];
  const inContext: string[] = [];
  for await (const message of recall.all()) {
    const written = agentFileMessage(message, messages.length);
    if (shown.has(message.id)) inContext.push(written.id);
    messages.push(written);
  }
  return { messages, inContext };
}

const EVENTS = ["user_message", "login", "heartbeat", "system_alert"] as const;
const envelope = z.looseObject({ type: z.enum(EVENTS) });

/** The messages of a file as an agent stores them, each with the id that the file calls it by. */
export function messagesOf(
  messages: readonly FileMessage[],
): { readonly fileId: string | undefined; readonly message: Message }[] {
  const called = new Map(
    messages.flatMap(({ tool_calls }) => (tool_calls ?? []).map((call) => [call.id, call.function.name])),
  );
  return messages.flatMap((message) => {
    const stored = messageOf(message, called);
    return stored === undefined ? [] : [{ fileId: message.id ?? undefined, message: stored }];
  });
}

function messageOf(message: FileMessage, called: ReadonlyMap<string, string>): Message | undefined {
  const text = textOf(message.content ?? "");
  const time = new Date(message.created_at ?? Number.NaN);
  const createdAt = Number.isNaN(time.getTime()) ? new Date().toISOString() : time.toISOString();
  const id = crypto.randomUUID();
  const callId = message.tool_call_id ?? "";
  const calls = (message.tool_calls ?? [])
    .map((call) => ({ id: call.id, ...call.function }))
    .map(({ id: of, name, arguments: json }) => ({ id: of, name, arguments: json }));
  switch (message.role) {
    case "user": {
      const packed = envelope.safeParse(parsed(text));
      if (!packed.success) return text === "" ? undefined : storedMessage("user", text, createdAt);
      return { id, createdAt, role: "user", event: packed.data.type, content: text };
    }
    case "assistant":
      // Newer agents answer without a call.
      if (calls.length === 0) return text === "" ? undefined : storedMessage("assistant", text, createdAt);
      return { id, createdAt, role: "assistant", content: text === "" ? null : text, calls };
    case "tool": {
      const status = message.tool_returns?.[0]?.status === "error" ? "Failed" : "OK";
      return {
        id,
        createdAt,
        role: "function",
        callId,
        name: message.name ?? called.get(callId) ?? "unknown",
        status,
        content: text,
      };
    }
    default:
      // The prompt stands with the agent, and an approval is nothing that was said.
      return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
