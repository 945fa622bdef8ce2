import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { answers, flag, idIn, on } from "../http/api.ts";
import type { Service } from "../http/service.ts";
import type { Models } from "../house/models.ts";
import type { Owner } from "../house/owners.ts";
import { agentFileOf, fileMessage, messagesOf } from "./agent-file.ts";
import { blockFields, createAgent } from "./agent-requests.ts";
import { makeAgent } from "./make-agent.ts";
import { anything } from "./schemas.ts";

const tags = ["Agents"];

const fileSchema = z.looseObject({
  agents: z
    .array(
      createAgent.extend({
        messages: z.array(fileMessage).nullish(),
        in_context_message_ids: z.array(z.string()).nullish(),
        llm_config: z.looseObject({}).nullish(),
        model: z.string().nullish(),
        embedding: z.string().nullish(),
      }),
    )
    .min(1),
  blocks: z.array(blockFields.extend({ id: z.string() })).nullish(),
  tools: z
    .array(
      z.looseObject({
        id: z.string(),
        name: z.string().nullish(),
        source_code: z.string().nullish(),
        source_type: z.string().nullish(),
        tool_type: z.string().nullish(),
        json_schema: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nullish(),
});
type AgentFile = z.output<typeof fileSchema>;

export function agentFileRoutes({ api, models }: Service): void {
  on(
    api,
    createRoute({
      method: "get",
      path: "/v1/agents/{agent_id}/export",
      tags,
      summary: "An agent as an agent file (.af): prompt, blocks, tools and messages. Archival memory is in none.",
      request: { params: idIn("agent_id") },
      responses: answers(anything, "The file."),
    }),
    async (c) => {
      const owner = c.get("owner");
      return agentFileOf(owner, await owner.agents.get(c.req.valid("param").agent_id), models);
    },
  );

  const form = z.object({
    file: z.unknown().openapi({ type: "string", format: "binary" }),
    name: z.string().optional(),
    override_name: z.string().optional(),
    append_copy_suffix: flag.optional(),
    strip_messages: flag.optional(),
  });
  on(
    api,
    createRoute({
      method: "post",
      path: "/v1/agents/import",
      tags,
      summary: "Makes the agents of an agent file.",
      request: { body: { required: true, content: { "multipart/form-data": { schema: form } } } },
      responses: answers(z.looseObject({ agent_ids: z.array(z.string()) }), "Their ids."),
    }),
    async (c) => {
      const owner = c.get("owner");
      const { file, name, override_name, append_copy_suffix = true, strip_messages = false } = c.req.valid("form");
      const read = await fileIn(file);
      const suffix = append_copy_suffix ? "_copy" : "";
      const agent_ids: string[] = [];
      for (const agent of read.agents) {
        const called = name ?? override_name ?? `${agent.name ?? "agent"}${suffix}`;
        const options = { name: called, messages: strip_messages ? [] : (agent.messages ?? []) };
        agent_ids.push(await madeOf(owner, models, read, { ...agent, ...options }, c.get("warnings")));
      }
      return { agent_ids };
    },
  );
}

/** @throws MemGPTError `invalid_input`, naming what is wrong with the file. */
async function fileIn(given: unknown): Promise<AgentFile> {
  const text = given instanceof Blob ? await given.text() : String(given);
  const refused = (reason: string): MemGPTError =>
    new MemGPTError("invalid_input", `The file is no agent file: ${reason}. Nothing was imported.`);
  let json: unknown;
  try {
    json = JSON.parse(text);
    // Exports that came through a client are JSON in JSON.
    if (typeof json === "string") json = JSON.parse(json);
  } catch {
    throw refused("it is not JSON");
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(`${issue?.path.join(".") ?? "it"}: ${issue?.message ?? "cannot be read"}`);
}

async function madeOf(
  owner: Owner,
  models: Models,
  { blocks, tools }: AgentFile,
  agent: AgentFile["agents"][number],
  warnings: string[],
): Promise<string> {
  const { block_ids, tool_ids, messages, in_context_message_ids, llm_config: _, model, embedding, ...fields } = agent;
  const memory_blocks = [
    ...(blocks ?? []).filter(({ id }) => block_ids?.includes(id) ?? false),
    ...(agent.memory_blocks ?? []),
  ];
  const own = (tools ?? []).filter((tool) => (tool_ids?.includes(tool.id) ?? false) && tool.source_code != null);
  const kept = await Promise.all(
    own.map((tool) =>
      owner.tools.upsert({
        sourceCode: tool.source_code ?? null,
        ...(tool.name == null ? {} : { name: tool.name }),
        ...(tool.source_type == null ? {} : { sourceType: tool.source_type }),
        ...(tool.json_schema == null ? {} : { jsonSchema: tool.json_schema }),
      }),
    ),
  );
  const request = { ...fields, memory_blocks, model, embedding, tool_ids: kept.map(({ id }) => id), identity_ids: [] };
  const entry = await makeAgent(owner, models, request, warnings);
  const stored = messagesOf(messages ?? []);
  const shown = new Set(in_context_message_ids ?? []);
  const inContext = stored.flatMap(({ fileId, message }) =>
    fileId !== undefined && shown.has(fileId) ? [message.id] : [],
  );
  const all = stored.map(({ message }) => message);
  await owner.use(entry, (made) => made.addHistory(all, new Set(inContext)));
  return entry.id;
}
