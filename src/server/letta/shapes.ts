import type { AgentState, BlockEntry, Passage } from "../../index.ts";
import type { AgentEntry } from "../house/agents.ts";
import { DEFAULT_ORGANIZATION } from "../house/ids.ts";
import { foldersOf } from "../house/folders.ts";
import type { IdentityEntry } from "../house/identity-book.ts";
import { type Models, handleOf } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import type { Run } from "../house/run.ts";
import type { ToolEntry } from "../house/tools.ts";

type Json = Record<string, unknown>;

export function blockJson(entry: BlockEntry): Json {
  const { id, label, value, limit, description, readOnly, metadata, tags } = entry;
  const template = { is_template: false, template_name: null, base_template_id: null, hidden: null };
  return { id, label, value, limit, description, read_only: readOnly, metadata, tags, ...template };
}

export function toolJson(tool: ToolEntry): Json {
  const { id, name, description, jsonSchema, sourceCode, sourceType, tags, returnCharLimit, requiresApproval } = tool;
  return {
    id,
    name,
    description,
    json_schema: jsonSchema,
    source_code: sourceCode,
    source_type: tool.isBuiltIn ? "typescript" : sourceType,
    tool_type: tool.isBuiltIn ? "letta_core" : "custom",
    tags,
    return_char_limit: returnCharLimit,
    default_requires_approval: requiresApproval,
    metadata_: tool.metadata,
    args_json_schema: null,
    pip_requirements: null,
    npm_requirements: null,
    enable_parallel_execution: false,
  };
}

/** An agent in Letta's protocol. `warnings`: notes on how the request was interpreted. */
export async function agentJson(
  owner: Owner,
  entry: AgentEntry,
  models: Models,
  warnings: readonly string[] = [],
): Promise<Json> {
  const state = await owner.read(entry, (store) => store.load());
  if (state === undefined) throw new Error(`agent ${entry.folder} has no state`);
  const blocks = (await owner.blocks.of(state)).map(blockJson);
  const tools = (await owner.tools.of(state.functions, entry.tools)).map(toolJson);
  const folders = (await foldersOf(owner, entry)).map(({ id, name }) => ({ id, name }));
  const model = handleOf(state.settings);
  const embedding = models.embeddings()[0]?.handle ?? null;
  return {
    id: entry.id,
    name: entry.name,
    system: state.system,
    agent_type: entry.agentType,
    description: entry.description,
    metadata: entry.metadata,
    tags: entry.tags,
    created_at: entry.createdAt,
    updated_at: state.lastActiveAt ?? entry.createdAt,
    timezone: entry.timezone,
    model,
    embedding,
    llm_config: modelConfig(state, model),
    embedding_config: embeddingConfig(models),
    memory: { blocks, file_blocks: [], agent_type: entry.agentType, prompt_template: "" },
    blocks,
    tools,
    folders,
    sources: folders,
    tool_rules: entry.toolRules,
    message_ids: state.queue.map(({ id }) => `message-${id}`),
    identity_ids: entry.identities,
    identities: owner.identities.of(entry.identities).map((identity) => identityJson(owner, identity)),
    secrets: [],
    tool_exec_environment_variables: [],
    multi_agent_group: null,
    managed_group: null,
    enable_sleeptime: false,
    message_buffer_autoclear: false,
    hidden: null,
    organization_id: DEFAULT_ORGANIZATION,
    created_by_id: owner.id,
    last_updated_by_id: owner.id,
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

function modelConfig({ settings }: AgentState, handle: string): Json {
  return {
    model: settings.model,
    model_endpoint_type: "openai",
    model_endpoint: settings.endpoint,
    context_window: settings.contextWindow,
    handle,
    provider_name: handle.split("/")[0],
    model_wrapper: null,
    put_inner_thoughts_in_kwargs: settings.options.innerThoughts === "parameter",
    temperature: settings.options.temperature,
    max_tokens: null,
    enable_reasoner: false,
  };
}

export function embeddingConfig(models: Models): Json {
  const [standard] = models.embeddings();
  return {
    embedding_model: standard?.name ?? "hash",
    embedding_endpoint_type: "openai",
    embedding_endpoint: standard?.endpoint ?? null,
    embedding_dim: standard?.dimensions ?? 0,
    embedding_chunk_size: 300,
    handle: standard?.handle ?? null,
  };
}

export function identityJson(owner: Owner, identity: IdentityEntry): Record<string, unknown> {
  const { id, identifierKey, name, identityType, properties } = identity;
  const agents = owner.agents.all().filter(({ identities }) => identities.includes(id));
  return {
    id,
    identifier_key: identifierKey,
    name,
    identity_type: identityType,
    properties,
    agent_ids: agents.map((agent) => agent.id),
    block_ids: [],
  };
}

/** A passage's tags and metadata. */
export type PassageNotes = { readonly tags: readonly string[]; readonly metadata: Json };

export function passageJson({ id, text, createdAt }: Passage, archiveId: string | null, notes: PassageNotes): Json {
  return {
    id: `passage-${id}`,
    text,
    embedding: null,
    embedding_config: null,
    tags: notes.tags,
    metadata: notes.metadata,
    created_at: createdAt,
    archive_id: archiveId,
    source_id: null,
    file_id: null,
    file_name: null,
    is_deleted: false,
  };
}

export function usageJson({ id, usage }: Run): Json {
  const { prompt, completion, cached, steps } = usage;
  return {
    message_type: "usage_statistics",
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    step_count: steps,
    run_ids: [id],
    cached_input_tokens: cached,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    context_tokens: prompt,
  };
}

/** A run in a response. */
export type RunJson = Json & {
  readonly id: string;
  readonly agent_id: string;
  readonly status: string;
  readonly created_at: string;
  readonly background: boolean;
  readonly conversation_id: string | null;
};

export function runJson(run: Run): RunJson {
  return {
    id: run.id,
    agent_id: run.agentId,
    status: run.status,
    created_at: run.createdAt,
    completed_at: run.completedAt,
    stop_reason: run.status === "running" ? null : run.stopReason,
    background: run.options.background,
    conversation_id: run.options.conversationId ?? null,
    metadata: run.status === "failed" && run.error instanceof Error ? { error: run.error.message } : {},
    request_config: {},
    callback_url: null,
  };
}
