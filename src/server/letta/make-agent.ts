import { type Agent, type BlockEntry, MemGPTError, type NewAgent, plainMessage, coreBlock } from "../../index.ts";
import { type AgentEntry, type AgentRecord, stateId } from "../house/agents.ts";
import { attachFolder } from "../house/folders.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { attachBlock, detachBlock } from "../house/shared-blocks.ts";
import { type CreateAgent, type UpdateAgent, blockOf, textOf } from "./agent-requests.ts";

/** The smallest window that an agent can have, in tokens. */
const LEAST_WINDOW = 4096;

/** Makes an agent as a client describes it; what this server does not have is replaced, with a warning. */
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
    await callable(agent, tools.functions);
    const opening = (request.initial_message_sequence ?? []).map(({ role, content }) =>
      plainMessage(role, textOf(content)),
    );
    await agent.addHistory(opening, new Set(opening.map(({ id }) => id)));
  });
  for (const { id } of shared) owner.blocks.attached(id, stateId(entry));
  for (const folder of folders) await attachFolder(owner, await owner.agents.get(entry.id), folder);
  return folders.length === 0 ? entry : owner.agents.get(entry.id);
}

/** Changes what a client names of an agent, and leaves the rest. */
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
  if (block_ids != null) checkLabels(block_ids.map((id) => owner.blocks.get(id)));
  const isOtherModel = request.model != null || request.context_window_limit != null;
  const settings = isOtherModel ? await modelOptions(models, request, warnings) : undefined;
  if (system != null || settings !== undefined) {
    await owner.use(entry, async (agent) => {
      if (settings !== undefined) await agent.configure(settings);
      if (system != null) await agent.setSystem(system);
    });
  }
  if (block_ids != null) await exchangeBlocks(owner, entry, block_ids);
  const name = request.name == null ? {} : { name: request.name };
  return owner.agents.update(entry.id, { ...described(request), ...name, tools });
}

/** @throws MemGPTError `invalid_input` for two blocks of one label. */
function checkLabels(blocks: readonly BlockEntry[]): void {
  const seen = new Map<string, string>();
  for (const { id, label } of blocks) {
    if ((seen.get(label) ?? id) !== id) {
      throw new MemGPTError("invalid_input", `Two of the blocks are named ${label}. Nothing was changed.`);
    }
    seen.set(label, id);
  }
}

async function exchangeBlocks(owner: Owner, entry: AgentEntry, wanted: readonly string[]): Promise<void> {
  const had = await owner.use(entry, async ({ state }) => owner.blocks.of(state));
  for (const { id } of had) if (!wanted.includes(id)) await detachBlock(owner, entry, id);
  for (const id of wanted) await attachBlock(owner, entry, id);
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
  const wanted = context_window_limit ?? contextWindow;
  if (wanted < LEAST_WINDOW)
    warnings.push(`A context window has at least ${LEAST_WINDOW} tokens; ${wanted} is too few.`);
  const own = { model: name, contextWindow: Math.max(LEAST_WINDOW, wanted) };
  return endpoint === null ? own : { ...own, endpoint };
}

/** The tools that a request names: functions of this program, and others that are kept and not run. */
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

async function callable(agent: Agent, functions: readonly string[]): Promise<void> {
  for (const name of functions) if (!agent.state.functions.includes(name)) await agent.addFunction(name);
}
