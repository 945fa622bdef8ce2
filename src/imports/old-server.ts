import * as z from "zod";
import { contentOf, contentSchema } from "./agent-file-content.ts";
import { blockSchema, toBlock, toolSchema, toolText } from "./agent-file.ts";
import { unpacked } from "./packed.ts";
import { type FoundMessage, type ImportPlan, shaped, timeIn } from "./plan.ts";
import { counted } from "../schema/counted.ts";

// Agents of Letta servers, as the REST API lists them.

const agentSchema = z.object({
  name: z.string(),
  system: z.string().nullish(),
  blocks: z.array(blockSchema).nullish(),
  memory: z.object({ blocks: z.array(blockSchema).nullish() }).nullish(),
  tools: z.array(toolSchema).nullish(),
});

const messageSchema = z.object({ message_type: z.string(), date: z.string().nullish(), content: contentSchema });

const passageSchema = z.object({ text: z.string(), created_at: z.string().nullish() });

const itemSchema = z.looseObject({ id: z.string().min(1), name: z.string().optional().catch(undefined) });
/** An item of any of the server's lists. */
export type ServerItem = z.infer<typeof itemSchema>;

/** Parses a page of a list. @throws SyntaxError, Malformed. */
export function readPage(json: string): ServerItem[] {
  return shaped(z.array(itemSchema), JSON.parse(json));
}

export type ServerAgent = {
  readonly agent: unknown;
  readonly messages: readonly unknown[];
  readonly passages: readonly unknown[];
};

/** Reads an agent with its conversation and archival memory. Its tools' code becomes passages. */
export function readServerAgent({ agent: one, messages: listed, passages: kept }: ServerAgent): ImportPlan {
  const { name, system, blocks, memory, tools } = shaped(agentSchema, one);
  const messages = shaped(z.array(messageSchema), listed, "messages");
  const found = messages.flatMap(speechIn);
  const passages = shaped(z.array(passageSchema), kept, "archival memory");
  const others = messages.length - found.length;
  const code = (tools ?? []).flatMap(toolText);
  return {
    format: "agent of a Letta server",
    memories: [
      {
        agent: name,
        system: system ?? undefined,
        blocks: (blocks ?? memory?.blocks ?? []).map(toBlock),
        conversations: found.length > 0 ? 1 : 0,
        messages: found,
        passages: [...passages.map(({ text, created_at }) => ({ text, createdAt: timeIn(created_at) })), ...code],
      },
    ],
    left: [
      ...(others > 0
        ? [`${counted(others, "message")} other than speech: prompts, thoughts, calls and their results`]
        : []),
      ...(code.length > 0 ? [`${counted(code.length, "tool")}, whose code is kept`] : []),
    ],
  };
}

const ROLES: Readonly<Record<string, FoundMessage["role"]>> = { user_message: "user", assistant_message: "assistant" };

function speechIn(message: z.infer<typeof messageSchema>): FoundMessage[] {
  const role = ROLES[message.message_type];
  const content = contentOf(message);
  const text = role === "user" ? unpacked(content) : content;
  if (role === undefined || text === undefined || text.trim() === "") return [];
  return [{ role, text, createdAt: timeIn(message.date) }];
}
