import * as z from "zod";

// The documented fields of responses, which may have more: clients read fields by name and validate nothing.

const text = z.string();
const time = z.string().openapi({ format: "date-time" });
const metadata = z.record(z.string(), z.unknown()).nullable();

export const blockShape = z
  .looseObject({
    id: text,
    label: text,
    value: text,
    limit: z.number(),
    description: text.nullable(),
    read_only: z.boolean(),
    metadata,
    tags: z.array(text),
  })
  .openapi("Block");

export const toolShape = z
  .looseObject({
    id: text,
    name: text,
    description: text.nullable(),
    json_schema: z.record(z.string(), z.unknown()).nullable(),
    source_code: text.nullable(),
    source_type: text,
    tool_type: text,
    tags: z.array(text),
  })
  .openapi("Tool");

export const agentShape = z
  .looseObject({
    id: text,
    name: text,
    system: text,
    agent_type: text,
    description: text.nullable(),
    created_at: time,
    model: text,
    embedding: text,
    llm_config: z.looseObject({ model: text, context_window: z.number() }),
    memory: z.looseObject({ blocks: z.array(blockShape) }),
    blocks: z.array(blockShape),
    tools: z.array(toolShape),
    tags: z.array(text),
    message_ids: z.array(text),
    metadata,
  })
  .openapi("AgentState");

export const messageShape = z
  .looseObject({ id: text, date: time, message_type: text })
  .openapi("Message", { description: "One message; its fields depend on `message_type`." });

export const responseShape = z
  .looseObject({
    messages: z.array(messageShape),
    stop_reason: z.looseObject({ message_type: z.literal("stop_reason"), stop_reason: text }),
    usage: z.looseObject({ prompt_tokens: z.number(), completion_tokens: z.number(), total_tokens: z.number() }),
  })
  .openapi("LettaResponse");

export const runShape = z
  .looseObject({ id: text, agent_id: text, status: text, created_at: time, completed_at: time.nullable() })
  .openapi("Run");

export const passageShape = z
  .looseObject({ id: text, text, created_at: time, tags: z.array(text), archive_id: text, metadata })
  .openapi("Passage");

export const archiveShape = z
  .looseObject({ id: text, name: text, created_at: time, description: text.nullable() })
  .openapi("Archive");

export const anything = z.looseObject({});
