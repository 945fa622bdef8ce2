import * as z from "zod";
import { contentOf } from "./agent-file-content.ts";
import { historyFields, historyOf } from "./agent-file-history.ts";
import { argumentText, unpacked } from "./packed.ts";
import {
  Malformed,
  type FoundBlock,
  type FoundMemory,
  type FoundMessage,
  type FoundPassage,
  type ImportPlan,
  shaped,
  timeIn,
  timeSchema,
} from "./plan.ts";
import { counted } from "../schema/counted.ts";

// Agent files (.af) as Letta writes them: the current form with several agents, and the older one with a single agent.

const messageSchema = z.object(historyFields);

export const blockSchema = z.object({
  id: z.string().nullish(),
  label: z.string(),
  value: z.string(),
  limit: z.number().int().positive().nullish(),
  description: z.string().nullish(),
  read_only: z.boolean().nullish(),
});

export const toolSchema = z.object({ name: z.string().nullish(), source_code: z.string().nullish() }).loose();

/** What `memgpt export --format af` adds to an agent. */
const ownSchema = z.object({
  version: z.number(),
  passages: z.array(z.object({ text: z.string(), created_at: timeSchema })),
});

const agentSchema = z.object({
  name: z.string().nullish(),
  system: z.string().nullish(),
  block_ids: z.array(z.string()).nullish(),
  memory_blocks: z.array(blockSchema).nullish(),
  messages: z.array(messageSchema).nullish(),
  in_context_message_ids: z.array(z.string()).nullish(),
  memgpt: ownSchema.nullish(),
});

const fileSchema = z.object({
  agents: z.array(agentSchema).min(1, "it holds no agent"),
  blocks: z.array(blockSchema).nullish(),
  files: z
    .array(
      z
        .object({ file_name: z.string().nullish(), content: z.string().nullish(), created_at: timeSchema.nullish() })
        .loose(),
    )
    .nullish(),
  tools: z.array(toolSchema).nullish(),
  skills: z.array(z.object({ name: z.string(), files: z.record(z.string(), z.string()).nullish() }).loose()).nullish(),
  groups: z.array(z.unknown()).nullish(),
});

const legacySchema = z.object({
  name: z.string().nullish(),
  system: z.string().nullish(),
  core_memory: z.array(blockSchema),
  messages: z.array(messageSchema),
  tools: z.array(toolSchema).nullish(),
});

const USUAL_LIMIT = 5000;

export function isAgentFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "agents" in value || "core_memory" in value;
}

/** Reads an agent file. Its files, skills and tools' code become passages; the code is never run. */
export function readAgentFile(value: unknown): ImportPlan {
  if (typeof value === "object" && value !== null && "core_memory" in value) {
    const { core_memory, ...agent } = shaped(legacySchema, value);
    const memory = memoryOf({ ...agent, memory_blocks: core_memory }, new Map(), (agent.tools ?? []).flatMap(toolText));
    return {
      format: "agent file (older form)",
      memories: [memory],
      left: leftOf({ agents: [agent], tools: agent.tools }),
    };
  }
  const file = shaped(fileSchema, value);
  const blocks = new Map((file.blocks ?? []).map((block) => [block.id ?? block.label, block]));
  const documents = [
    ...(file.files ?? []).flatMap(fileText),
    ...(file.skills ?? []).flatMap(skillText),
    ...(file.tools ?? []).flatMap(toolText),
  ];
  for (const [index, { block_ids, messages, in_context_message_ids }] of file.agents.entries()) {
    checkIds(`agents[${index}].block_ids`, block_ids, { of: "blocks", has: (id) => blocks.has(id) });
    const ids = new Set((messages ?? []).map(({ id }) => id));
    checkIds(`agents[${index}].in_context_message_ids`, in_context_message_ids, {
      of: "messages",
      has: (id) => ids.has(id),
    });
  }
  const memories = file.agents.map((agent, index) => memoryOf(agent, blocks, index === 0 ? documents : []));
  return { format: "agent file", memories, left: leftOf(file) };
}

function checkIds(
  place: string,
  named: readonly string[] | null | undefined,
  { of, has }: { readonly of: string; readonly has: (id: string) => boolean },
): void {
  const missing = named?.find((id) => !has(id));
  if (missing !== undefined) throw new Malformed(place, `${of} has none with the id ${JSON.stringify(missing)}`);
}

function memoryOf(
  agent: z.infer<typeof agentSchema>,
  shared: ReadonlyMap<string, z.infer<typeof blockSchema>>,
  passages: readonly FoundPassage[],
): FoundMemory {
  const held = [...(agent.memory_blocks ?? []), ...(agent.block_ids ?? []).flatMap((id) => shared.get(id) ?? [])];
  const blocks = [...new Set(held)].map(toBlock);
  checkLabels(blocks.map(({ label }) => label));
  const own = agent.memgpt ?? undefined;
  const messages = (agent.messages ?? []).flatMap((message) => {
    // In files of other programs the name is the agent's or the account's.
    const name = own === undefined ? "" : (message.name ?? "");
    return name.trim() === "" ? speechIn(message) : speechIn(message).map((found) => ({ ...found, name }));
  });
  const ownPassages = (own?.passages ?? []).map(({ text, created_at }) => ({ text, createdAt: timeIn(created_at) }));
  return {
    agent: agent.name ?? "imported",
    ...(agent.system === null || agent.system === undefined
      ? {}
      : { system: agent.system, systemIsOurs: own !== undefined }),
    blocks,
    conversations: messages.length > 0 ? 1 : 0,
    messages,
    history: historyOf(agent.messages ?? [], new Set(agent.in_context_message_ids ?? [])),
    passages: [...ownPassages, ...passages],
  };
}

function checkLabels(labels: readonly string[]): void {
  const twice = labels.find((label, index) => labels.indexOf(label) < index);
  if (twice === undefined) return;
  throw new Malformed(`block ${JSON.stringify(twice)}`, "two blocks of one agent have this label");
}

export function toBlock({ label, value, limit, description, read_only }: z.infer<typeof blockSchema>): FoundBlock {
  const plain = label.replace(/^[^\p{L}\p{N}_]+/u, "").replace(/[^\p{L}\p{M}\p{N}_./ -]/gu, "_");
  if (plain === "") throw new Malformed(`block ${JSON.stringify(label)}`, "its label has no letter or digit");
  return {
    label: plain,
    value,
    limit: Math.max(limit ?? USUAL_LIMIT, value.length),
    ...(description === null || description === undefined || description === "" ? {} : { description }),
    ...(read_only === true ? { readOnly: true } : {}),
  };
}

/** The speech in a message: a person's, packed or plain; an agent's, from `send_message` or, in newer agents, its content. */
function speechIn(message: z.infer<typeof messageSchema>): FoundMessage[] {
  const createdAt = timeIn(message.created_at);
  const content = contentOf(message);
  if (message.role === "user") {
    const text = unpacked(content);
    return text === undefined || text.trim() === "" ? [] : [{ role: "user", text, createdAt }];
  }
  if (message.role !== "assistant") return [];
  const calls = message.tool_calls ?? [];
  const sent = calls
    .filter((call) => call.function.name === "send_message")
    .flatMap((call) => argumentText(call.function.arguments) ?? []);
  // Content beside a call is a thought.
  const texts = calls.length > 0 ? sent : [content];
  return texts.filter((text) => text.trim() !== "").map((text) => ({ role: "assistant" as const, text, createdAt }));
}

function fileText({
  file_name: name,
  content,
  created_at,
}: {
  file_name?: string | null | undefined;
  content?: string | null | undefined;
  created_at?: string | number | null | undefined;
}): FoundPassage[] {
  if (content === null || content === undefined || content.trim() === "") return [];
  return [{ text: `${name ?? "file"}\n\n${content}`, createdAt: timeIn(created_at) }];
}

function skillText({
  name,
  files,
}: {
  name: string;
  files?: Record<string, string> | null | undefined;
}): FoundPassage[] {
  return Object.entries(files ?? {})
    .filter(([, text]) => text.trim() !== "")
    .map(([path, text]) => ({ text: `Skill ${name}, ${path}\n\n${text}` }));
}

/** Built-in tools have no code. */
export function toolText({ name, source_code: code }: z.infer<typeof toolSchema>): FoundPassage[] {
  if (code === null || code === undefined || code.trim() === "") return [];
  return [{ text: `Tool ${name ?? ""}, which cannot be run here\n\n${code}` }];
}

type Left = Pick<z.infer<typeof fileSchema>, "tools" | "groups"> & {
  readonly agents: readonly Pick<z.infer<typeof agentSchema>, "messages">[];
};

function leftOf({ agents, tools, groups }: Left): string[] {
  const others = agents.flatMap(({ messages }) => messages ?? []).filter((message) => speechIn(message).length === 0);
  const names = (tools ?? []).flatMap(({ name }) => name ?? []);
  return [
    ...(others.length > 0
      ? [`${counted(others.length, "message")} other than speech: prompts, thoughts, calls and their results`]
      : []),
    ...(names.length > 0 ? [`${counted(names.length, "tool")}, whose code is kept: ${names.join(", ")}`] : []),
    ...((groups ?? []).length > 0 ? ["the groups of its agents"] : []),
  ];
}
