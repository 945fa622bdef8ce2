import * as z from "zod";
import type { Block } from "../../index.ts";
import { flag, several } from "../http/api.ts";
import { pageQuery } from "../http/paging.ts";

const ids = z.array(z.string()).nullish();
const metadata = z.record(z.string(), z.unknown()).nullish();

/** Limit of a block, in characters, if the request has none; the same as on Letta's server. */
const STANDARD_LIMIT = 100_000;

export const blockFields = z.looseObject({
  label: z.string(),
  value: z.string().default(""),
  limit: z.number().int().positive().nullish(),
  description: z.string().nullish(),
  read_only: z.boolean().nullish(),
  metadata,
  tags: z.array(z.string()).nullish(),
});

/** A block in core memory, from a request's block. */
export function blockOf({ label, value, limit, description, read_only }: z.output<typeof blockFields>): Block {
  return {
    label,
    value,
    limit: limit ?? Math.max(STANDARD_LIMIT, value.length),
    ...(description == null ? {} : { description }),
    ...(read_only === true ? { readOnly: true } : {}),
  };
}

export const textContent = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
]);

/** Fields of an agent in requests, all optional; unknown ones are ignored. */
const agentFields = {
  name: z.string().max(500).nullish(),
  system: z.string().nullish(),
  description: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  metadata,
  model: z.string().nullish(),
  embedding: z.string().nullish(),
  context_window_limit: z.number().int().positive().nullish(),
  timezone: z.string().nullish(),
  tool_ids: ids,
  block_ids: ids,
  identity_ids: ids,
  folder_ids: ids,
  source_ids: ids,
  tool_rules: z.array(z.unknown()).nullish(),
  llm_config: z.looseObject({ handle: z.string().nullish(), context_window: z.number().nullish() }).nullish(),
};

export const createAgent = z
  .looseObject({
    ...agentFields,
    memory_blocks: z.array(blockFields).nullish(),
    tools: z.array(z.string()).nullish(),
    include_base_tools: z.boolean().nullish(),
    agent_type: z.string().nullish(),
    enable_sleeptime: z.boolean().nullish(),
    message_buffer_autoclear: z.boolean().nullish(),
    secrets: z.record(z.string(), z.unknown()).nullish(),
    tool_exec_environment_variables: z.record(z.string(), z.unknown()).nullish(),
    initial_message_sequence: z.array(z.looseObject({ role: z.string(), content: textContent })).nullish(),
  })
  .openapi("CreateAgent");
export type CreateAgent = z.output<typeof createAgent>;

export const updateAgent = z.looseObject(agentFields).openapi("UpdateAgent");
export type UpdateAgent = z.output<typeof updateAgent>;

export const agentQuery = pageQuery({ limit: 50, order: "desc" }).extend({
  name: z.string().optional(),
  tags: several.optional(),
  match_all_tags: flag.optional(),
  query_text: z.string().optional(),
  identity_id: z.string().optional(),
  identifier_keys: several.optional(),
  include: several.optional(),
});
export type AgentQuery = z.output<typeof agentQuery>;

/** The text of a message's content; other parts appear as `[type]`. */
export function textOf(content: z.output<typeof textContent>): string {
  if (typeof content === "string") return content;
  return content.map(({ type, text }) => text ?? `[${type}]`).join("\n");
}
