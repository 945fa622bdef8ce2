import * as z from "zod";
import { type FoundMemory, MemGPTError } from "../../index.ts";
import type { AgentEntry } from "../house/agents.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { updateAgent } from "./agent-requests.ts";
import { changeAgent } from "./make-agent.ts";
import { embeddingConfig } from "./shapes.ts";

// Agent files (.af). The library reads and writes them; this adds what only the server stores.

const record = z.record(z.string(), z.unknown());

/** What the server reads from a file, besides what every import does. */
const kept = z.looseObject({
  agents: z
    .array(
      updateAgent.extend({
        agent_type: z.string().nullish(),
        block_ids: z.array(z.string()).nullish(),
        tool_ids: z.array(z.string()).nullish(),
      }),
    )
    .catch([]),
  blocks: z.array(z.looseObject({ id: z.string(), label: z.string(), metadata: record.nullish() })).catch([]),
  tools: z
    .array(
      z.looseObject({
        id: z.string(),
        name: z.string().nullish(),
        source_code: z.string().nullish(),
        source_type: z.string().nullish(),
        json_schema: record.nullish(),
      }),
    )
    .catch([]),
});
type Kept = z.output<typeof kept>;

/** An agent as a file, in chunks of JSON. */
export async function agentFileOf(
  owner: Owner,
  entry: AgentEntry,
  models: Models,
  isScrubbed: boolean,
): Promise<AsyncIterable<string>> {
  const state = await owner.read(entry, (store) => store.load());
  if (state === undefined) throw new Error(`agent ${entry.folder} has no state`);
  const custom = (await owner.tools.of([], entry.tools)).filter(({ isBuiltIn }) => !isBuiltIn);
  const tools = custom.map(({ name, description, jsonSchema, sourceCode, sourceType, tags }, index) => ({
    id: `tool-${index}`,
    name,
    description,
    json_schema: jsonSchema,
    source_code: sourceCode,
    source_type: sourceType,
    tool_type: "custom",
    tags,
  }));
  const agent = {
    name: entry.name,
    agent_type: entry.agentType,
    description: entry.description,
    tags: entry.tags,
    metadata: entry.metadata,
    timezone: entry.timezone,
    tool_ids: tools.map(({ id }) => id),
    tool_rules: entry.toolRules,
    identity_ids: [],
    embedding_config: embeddingConfig(models),
  };
  const blockMetadata = new Map((await owner.blocks.of(state)).map(({ label, metadata }) => [label, metadata]));
  const extras = { agent, tools, blockMetadata, isScrubbed };
  return owner.memgpt.exportAgent(entry.folder, { format: "af", extras });
}

export type AgentFileOptions = {
  /** Name of the agents; the file's names if absent. */
  readonly name: string | undefined;
  /** Appended to the file's names. */
  readonly suffix: string;
  /** Whether the conversation is left out. */
  readonly isStripped: boolean;
};

/**
 * Creates the agents of a file, screened as every import is.
 *
 * @returns their ids. @throws MemGPTError `invalid_input` for an invalid file; then no agent is created.
 */
export async function importAgents(
  owner: Owner,
  models: Models,
  text: string,
  { name, suffix, isStripped }: AgentFileOptions,
  warnings: string[],
): Promise<string[]> {
  const json = jsonIn(text);
  const own = kept.safeParse(json).data ?? { agents: [], blocks: [], tools: [] };
  // Without the tools, which a plain import would describe in passages: here they become tools.
  const found = await owner.memgpt.imports.read(JSON.stringify({ ...json, tools: [] }), "the file");
  const created: AgentEntry[] = [];
  try {
    for (const [index, memory] of found.memories.entries()) {
      const imported = isStripped ? withoutConversation(memory) : memory;
      const fields = own.agents[index] ?? {};
      const newName = name ?? `${memory.agent ?? "agent"}${suffix}`;
      const agentType = fields.agent_type == null ? {} : { agentType: fields.agent_type };
      const { entry, made: report } = await owner.agents.adopt({ name: newName, ...agentType }, (agent) =>
        owner.memgpt.imports.add(found, imported, { agent, withHistory: true }),
      );
      warnings.push(...report.notes);
      created.push(entry);
      await describe(owner, models, entry, own, index, warnings);
    }
  } catch (error) {
    for (const entry of created) await owner.removeAgent(entry);
    throw error;
  }
  return created.map(({ id }) => id);
}

function jsonIn(text: string): object {
  let json: unknown;
  try {
    json = JSON.parse(text);
    // Exports saved through a client are JSON encoded twice.
    if (typeof json === "string") json = JSON.parse(json);
  } catch {
    json = undefined;
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json;
  throw new MemGPTError("invalid_input", "Not an agent file: expected a JSON object. Nothing was imported.");
}

function withoutConversation({ history: _, whole: __, ...memory }: FoundMemory): FoundMemory {
  return { ...memory, messages: [], conversations: 0 };
}

async function describe(
  owner: Owner,
  models: Models,
  entry: AgentEntry,
  { agents, blocks, tools }: Kept,
  index: number,
  warnings: string[],
): Promise<void> {
  const fields = agents[index];
  if (fields === undefined) return;
  const {
    tool_ids,
    block_ids,
    name: _,
    system: __,
    identity_ids: ___,
    folder_ids: _4,
    source_ids: _5,
    ...rest
  } = fields;
  const own = tools.filter((tool) => (tool_ids?.includes(tool.id) ?? false) && tool.source_code != null);
  const ids = own.map(async (tool) => {
    const { id } = await owner.tools.upsert({
      sourceCode: tool.source_code ?? null,
      ...(tool.name == null ? {} : { name: tool.name }),
      ...(tool.source_type == null ? {} : { sourceType: tool.source_type }),
      ...(tool.json_schema == null ? {} : { jsonSchema: tool.json_schema }),
    });
    return id;
  });
  const changed = await changeAgent(owner, models, entry, { ...rest, tool_ids: await Promise.all(ids) }, warnings);
  const state = await owner.read(changed, (store) => store.load());
  for (const block of state === undefined ? [] : await owner.blocks.of(state)) {
    const inFile = blocks.find(({ id, label }) => label === block.label && (block_ids?.includes(id) ?? false));
    if (inFile?.metadata != null) await owner.blocks.update(block.id, { metadata: inFile.metadata });
  }
}
