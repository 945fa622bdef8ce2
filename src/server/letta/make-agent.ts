import { type Agent, type AgentChanges, type NewAgent, plainMessage, coreBlock } from "../../index.ts";
import type { AgentEntry, AgentRecord } from "../house/agents.ts";
import { attachFolder } from "../house/folders.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { type CreateAgent, type UpdateAgent, blockOf, textOf } from "./agent-requests.ts";

/** The smallest context window of an agent, in tokens. */
const LEAST_WINDOW = 4096;

/** Creates an agent from a request. An unknown model, tool or embedding is replaced, with a warning. */
export async function makeAgent(
  owner: Owner,
  models: Models,
  request: CreateAgent,
  warnings: string[],
): Promise<AgentEntry> {
  const shared = (request.block_ids ?? []).map((id) => owner.blocks.get(id));
  const own = request.memory_blocks?.map(blockOf);
  const blocks = own === undefined && shared.length === 0 ? undefined : [...(own ?? []), ...shared.map(coreBlock)];
  const folders = [...(request.folder_ids ?? []), ...(request.source_ids ?? [])].map((id) => owner.folders.get(id));
  models.checkEmbedding(request.embedding, warnings);
  checkWishes(models, request, warnings);
  const options: NewAgent = {
    ...(await modelOptions(models, request, warnings)),
    ...(blocks === undefined ? {} : { blocks }),
    ...(request.system == null ? {} : { system: request.system }),
  };
  const tools = await toolsNamed(owner, models, request, warnings);
  for (const id of request.identity_ids ?? []) owner.identities.get(id);
  const fields = {
    name: request.name ?? `agent-${crypto.randomUUID().slice(0, 8)}`,
    ...described(request),
    ...(request.agent_type == null ? {} : { agentType: request.agent_type }),
    tools: tools.attached,
  };
  const entry = await owner.agents.create(options, fields, async (agent) => {
    // First: a change of an agent gives its blocks that nobody shares ids of their own.
    for (const { id } of shared) await owner.blocks.attached(id, agent.state.id);
    await addFunctions(agent, tools.functions);
    const opening = (request.initial_message_sequence ?? []).map(({ role, content }) =>
      plainMessage(role, textOf(content)),
    );
    await agent.addHistory(opening, new Set(opening.map(({ id }) => id)));
  });
  for (const folder of folders) await attachFolder(owner, await owner.agents.get(entry.id), folder);
  return folders.length === 0 ? entry : owner.agents.get(entry.id);
}

/** Warns of what a request asks for and this server does not do. */
function checkWishes(models: Models, request: CreateAgent, warnings: string[]): void {
  const { enable_sleeptime, message_buffer_autoclear, secrets, tool_exec_environment_variables } = request;
  if (enable_sleeptime === true)
    models.notDone("This server has no agents that work while others sleep", "enable_sleeptime is ignored", warnings);
  if (message_buffer_autoclear === true)
    models.notDone("This server keeps what was said", "message_buffer_autoclear is ignored", warnings);
  if (Object.keys({ ...secrets, ...tool_exec_environment_variables }).length > 0)
    models.notDone("This server runs no tools that need secrets", "they were not stored", warnings);
}

/** Changes the given fields of an agent: all of them, or none if one is refused. */
export async function changeAgent(
  owner: Owner,
  models: Models,
  entry: AgentEntry,
  request: UpdateAgent,
  warnings: string[],
): Promise<AgentEntry> {
  const { system, block_ids, tool_ids } = request;
  for (const id of request.identity_ids ?? []) owner.identities.get(id);
  models.checkEmbedding(request.embedding, warnings);
  const tools = tool_ids == null ? entry.tools : await existingTools(owner, tool_ids);
  const isOtherModel = request.model != null || request.context_window_limit != null;
  const changes: AgentChanges = {
    ...(isOtherModel ? await modelOptions(models, request, warnings) : {}),
    ...(system == null ? {} : { system }),
    ...(block_ids == null ? {} : { blockIds: block_ids }),
  };
  if (Object.keys(changes).length > 0) await owner.use(entry, (agent) => agent.configure(changes));
  const name = request.name == null ? {} : { name: request.name };
  return owner.agents.update(entry.id, { ...described(request), ...name, tools });
}

function described(request: UpdateAgent): Partial<AgentRecord> {
  const { description, tags, metadata, timezone, identity_ids, tool_rules } = request;
  return {
    ...(description === undefined ? {} : { description }),
    ...(tags == null ? {} : { tags: [...new Set(tags)] }),
    ...(metadata == null ? {} : { metadata }),
    ...(timezone == null ? {} : { timezone }),
    ...(identity_ids == null ? {} : { identities: identity_ids }),
    ...(tool_rules == null ? {} : { toolRules: tool_rules }),
  };
}

async function modelOptions(
  models: Models,
  { model, llm_config, context_window_limit }: UpdateAgent,
  warnings: string[],
): Promise<Pick<NewAgent, "model" | "endpoint" | "contextWindow">> {
  const { name, endpoint, contextWindow } = await models.named(model ?? llm_config?.handle, warnings);
  const requested = context_window_limit ?? contextWindow;
  if (requested < LEAST_WINDOW)
    warnings.push(
      `A context window needs at least ${LEAST_WINDOW} tokens (got ${requested}); ${LEAST_WINDOW} is used.`,
    );
  const own = { model: name, contextWindow: Math.max(LEAST_WINDOW, requested) };
  return endpoint === null ? own : { ...own, endpoint };
}

/** The tools that a request names: functions of this program, and ids of stored tools, which are not run. */
async function toolsNamed(
  owner: Owner,
  models: Models,
  { tools, tool_ids }: CreateAgent,
  warnings: string[],
): Promise<{ readonly functions: string[]; readonly attached: string[] }> {
  const attached = await existingTools(owner, tool_ids ?? []);
  const functions: string[] = [];
  for (const name of tools ?? []) {
    const tool = await owner.tools.named(name);
    if (tool === undefined) models.missingTool(name, warnings);
    else if (tool.isBuiltIn) functions.push(name);
    else attached.push(tool.id);
  }
  return { functions, attached: [...new Set(attached)] };
}

async function existingTools(owner: Owner, ids: readonly string[]): Promise<string[]> {
  return Promise.all(ids.map(async (id) => (await owner.tools.get(id)).id));
}

async function addFunctions(agent: Agent, functions: readonly string[]): Promise<void> {
  for (const name of functions) if (!agent.state.functions.includes(name)) await agent.addFunction(name);
}
