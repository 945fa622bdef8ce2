import * as z from "zod";
import { messageSchema } from "../schema/message.ts";
import { type AgentSettings, agentStateSchema } from "../schema/state.ts";
import { spoken } from "./spoken.ts";
import { type ImportPlan, Malformed, shaped } from "./plan.ts";

const exportSchema = z.object({
  version: z.number(),
  agent: agentStateSchema(),
  messages: z.array(messageSchema()),
  passages: z.array(z.object({ id: z.string(), text: z.string(), createdAt: z.string() })),
});

const NEWEST_VERSION = 1;

export function isOwnExport(value: unknown): boolean {
  return typeof value === "object" && value !== null && "version" in value && "agent" in value;
}

/** Reads an export of `memgpt export --format json`, which has the complete agent. */
export function readOwnExport(value: unknown): ImportPlan {
  const { version, agent, messages, passages } = shaped(exportSchema, value);
  if (version > NEWEST_VERSION) throw new Malformed("version", `${version} is newer than this memgpt; update it`);
  const memory = {
    agent: agent.name,
    system: agent.system,
    blocks: agent.blocks,
    conversations: 1,
    messages: messages.flatMap(spoken),
    passages,
    whole: { state: agent, messages, passages },
    contacts: contacts(agent.settings),
  };
  return { format: "memgpt export", memories: [memory], left: [] };
}

function contacts({ model, endpoint, embedding }: AgentSettings): string[] {
  const name = embedding.model ?? embedding.provider;
  return [
    ...(endpoint === null ? [] : [`the model ${model} at ${endpoint}`]),
    ...(embedding.endpoint === null ? [] : [`the embedding ${name} at ${embedding.endpoint}`]),
  ];
}
