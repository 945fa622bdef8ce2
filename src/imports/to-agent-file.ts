import type { Message } from "../schema/message.ts";
import type { Passage } from "../schema/passage.ts";
import type { AgentState } from "../schema/state.ts";

type Json = Record<string, unknown>;

/** A server's own data about an agent. */
export type AgentFileExtras = {
  /** Fields of the agent. */
  readonly agent: Json;
  readonly tools: readonly Json[];
  /** By label. */
  readonly blockMetadata: ReadonlyMap<string, Json>;
  /** Whether to leave out the conversation. */
  readonly isScrubbed: boolean;
};

/** The content of an agent file. */
export type AgentFileSource = {
  readonly extras?: AgentFileExtras | undefined;
  /** Without secrets. */
  readonly state: AgentState;
  readonly recall: { all(): AsyncIterable<Message> };
  readonly archival: { all(): AsyncIterable<Passage> };
};

/** Version of the field `memgpt`, increased by incompatible changes. */
const FIELD_VERSION = 1;

/**
 * An agent as an agent file (.af) of the present form, in chunks of whole lines. The format has no place for archival
 * passages: they are in `memgpt`, a field of the agent that other programs ignore.
 */
export async function* agentFileText({
  state,
  recall,
  archival,
  extras,
}: AgentFileSource): AsyncGenerator<string, void, void> {
  const { name, system, blocks, queue, createdAt } = state;
  const agent = {
    id: "agent-0",
    name,
    system,
    agent_type: "memgpt_agent",
    ...EMPTY_AGENT,
    ...modelConfigs(state),
    ...extras?.agent,
  };
  const block_ids = blocks.map((_, index) => `block-${index}`);
  const shown = new Set(queue.map(({ id }) => id));
  const inContext: string[] = [];
  yield `{"agents":[${JSON.stringify({ ...agent, block_ids }).slice(0, -1)},\n"messages":`;
  const messages = extras?.isScrubbed === true ? [] : recall.all();
  yield* jsonArray(messages, (message, index) => {
    const written = agentFileMessage(message, index);
    if (shown.has(message.id)) inContext.push(written.id);
    return written;
  });
  yield `,\n"in_context_message_ids":${JSON.stringify(inContext)},\n"memgpt":{"version":${FIELD_VERSION},"passages":`;
  yield* jsonArray(archival.all(), (passage) => ({ text: passage.text, created_at: passage.createdAt }));
  const written = blocks.map((block, index) => blockOf(block, index, extras?.blockMetadata.get(block.label)));
  const rest = { blocks: written, ...EMPTY_FILE, tools: extras?.tools ?? [], created_at: createdAt };
  yield `}}],\n${JSON.stringify(rest).slice(1)}\n`;
}

const EMPTY_AGENT = {
  tags: [],
  tool_ids: [],
  tool_rules: [],
  include_base_tools: true,
  source_ids: [],
  folder_ids: [],
  group_ids: [],
  files_agents: [],
};

const EMPTY_FILE = {
  groups: [],
  files: [],
  sources: [],
  mcp_servers: [],
  skills: [],
  metadata: { revision_id: "memgpt" },
};

function modelConfigs({ settings: { model, endpoint, contextWindow, embedding } }: AgentState): Json {
  return {
    llm_config: { model, model_endpoint_type: "openai", model_endpoint: endpoint, context_window: contextWindow },
    embedding_config: {
      embedding_model: embedding.model ?? embedding.provider,
      embedding_endpoint_type: "openai",
      embedding_dim: embedding.dimensions,
    },
  };
}

function blockOf(
  { label, value, limit, description, readOnly }: AgentState["blocks"][number],
  index: number,
  metadata: Json = {},
): Json {
  return {
    id: `block-${index}`,
    label,
    value,
    limit,
    description: description ?? null,
    read_only: readOnly ?? false,
    metadata,
  };
}

/** One item a line. */
async function* jsonArray<T>(
  items: AsyncIterable<T> | Iterable<T>,
  written: (item: T, index: number) => unknown,
): AsyncGenerator<string, void, void> {
  let count = 0;
  for await (const item of items) {
    yield `${count === 0 ? "[" : ","}\n${JSON.stringify(written(item, count))}`;
    count += 1;
  }
  yield count === 0 ? "[]" : "\n]";
}

/** A message in the form of an agent file, where it has the number `index`. */
function agentFileMessage(message: Message, index: number): Json & { readonly id: string } {
  const { createdAt } = message;
  return { type: "message", id: `message-${index}`, created_at: createdAt, agent_id: "agent-0", ...fields(message) };
}

function fields(message: Message): Json {
  const content = message.content === null ? [] : [{ type: "text", text: message.content }];
  switch (message.role) {
    case "user":
      return { role: "user", content, name: message.name ?? null };
    case "assistant": {
      const tool_calls = message.calls.map(({ id, name, arguments: json }) => ({
        id,
        type: "function",
        function: { name, arguments: json },
      }));
      return { role: "assistant", content, tool_calls, name: message.name ?? null };
    }
    case "function": {
      const { callId, name } = message;
      const status = message.status === "OK" ? "success" : "error";
      const tool_returns = [{ tool_call_id: callId, status, func_response: message.content }];
      return { role: "tool", content, tool_call_id: callId, name, tool_returns };
    }
  }
}
