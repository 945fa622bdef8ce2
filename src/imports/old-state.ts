import * as z from "zod";
import { argumentText, objectIn, unpacked } from "./packed.ts";
import { type FoundBlock, type FoundMessage, type ImportPlan, shaped, timeIn } from "./plan.ts";

export const callSchema = z.object({ name: z.string(), arguments: z.string() });

const messageSchema = z.object({
  role: z.string(),
  content: z.string().nullish(),
  function_call: callSchema.nullish(),
  tool_calls: z.array(z.object({ function: callSchema })).nullish(),
});
type OldMessage = z.infer<typeof messageSchema>;

const stateSchema = z.object({
  system: z.string(),
  messages: z.array(messageSchema),
  memory: z.object({ persona: z.string(), human: z.string() }),
});

const USUAL_LIMIT = 5000;

export function isOldState(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "messages" in value && "memory" in value && "functions" in value;
}

/** Reads a checkpoint of the original, `agents/NAME/agent_state/TIME.json`: core memory and the messages in context. */
export function readOldState(value: unknown): ImportPlan {
  const { system, messages, memory } = shaped(stateSchema, value);
  // Skip the made-up exchange that a new agent began with, up to the first login.
  const begun = messages.findIndex(({ content }) => objectIn(content ?? "")?.["type"] === "login");
  const found: FoundMessage[] = [];
  let createdAt: string | undefined;
  for (const message of messages.slice(begun + 1)) {
    createdAt = timeOf(message) ?? createdAt;
    found.push(...speechIn(message).map((one) => ({ ...one, createdAt })));
  }
  const blocks = [blockOf("persona", memory.persona), blockOf("human", memory.human)];
  return {
    format: "checkpoint of MemGPT 0.2",
    memories: [{ agent: null, system, blocks, conversations: 1, messages: found, passages: [] }],
    left: ["older messages and archival memory, which MemGPT 0.2 kept as pickles: reading those would run their code"],
  };
}

export function blockOf(label: string, value: string, limit = USUAL_LIMIT): FoundBlock {
  return { label, value, limit: Math.max(limit, value.length) };
}

/** The speech in a message of the original, if any. */
export function speechIn({ role, content, function_call: call, tool_calls }: OldMessage): FoundMessage[] {
  if (role === "user") {
    const text = unpacked(content ?? "") ?? "";
    return text.trim() === "" ? [] : [{ role: "user", text }];
  }
  if (role !== "assistant") return [];
  const calls = [
    ...(call === null || call === undefined ? [] : [call]),
    ...(tool_calls ?? []).map((one) => one.function),
  ];
  return calls
    .filter(({ name }) => name === "send_message")
    .flatMap((one) => argumentText(one.arguments) ?? [])
    .filter((text) => text.trim() !== "")
    .map((text) => ({ role: "assistant" as const, text }));
}

/** The local time of an event or return, such as "2024-01-03 05:37:00 PM PST-0800"; the agent's own messages have none. */
function timeOf({ content }: OldMessage): string | undefined {
  const written = objectIn(content ?? "")?.["time"];
  if (typeof written !== "string") return undefined;
  const parts = /^(\d{4}-\d\d-\d\d) (\d\d):(\d\d:\d\d) ([AP])M ?[A-Z]*([+-]\d\d)(\d\d)$/.exec(written);
  if (parts === null) return timeIn(written);
  const [, day = "", hour = "", rest = "", half = "", zoneHours = "", zoneMinutes = ""] = parts;
  const hours = (Number(hour) % 12) + (half === "P" ? 12 : 0);
  return timeIn(`${day}T${String(hours).padStart(2, "0")}:${rest}${zoneHours}:${zoneMinutes}`);
}
