import * as z from "zod";
import {
  type FoundMessage,
  type ImportPlan,
  Malformed,
  conversation,
  shaped,
  someItemHas,
  timeIn,
  timeSchema,
} from "./plan.ts";

const messageSchema = z.object({
  author: z.object({ role: z.string(), name: z.string().nullish() }),
  create_time: timeSchema.nullish(),
  content: z.object({ content_type: z.string().nullish(), parts: z.array(z.unknown()).nullish() }).loose(),
  recipient: z.string().nullish(),
  metadata: z.object({ is_visually_hidden_from_conversation: z.boolean().nullish() }).loose().nullish(),
});

const nodeSchema = z.object({ message: messageSchema.nullish(), parent: z.string().nullish() });

const conversationSchema = z.object({
  title: z.string().nullish(),
  create_time: timeSchema.nullish(),
  current_node: z.string().nullish(),
  mapping: z.record(z.string(), nodeSchema),
});

export function isChatGpt(value: unknown): boolean {
  return someItemHas(value, "mapping");
}

/** ChatGPT's `conversations.json`: the branch of each conversation that was shown last. */
export function readChatGpt(value: unknown): ImportPlan {
  const conversations = shaped(z.array(conversationSchema), value);
  const messages = conversations.flatMap(visibleBranch);
  const all = conversations.flatMap(({ mapping, create_time: begun }) =>
    Object.values(mapping).filter(({ message }) => message && speechIn(message, begun) !== undefined),
  );
  const hidden = all.length - messages.length;
  const left = hidden === 0 ? [] : [`${hidden} ${hidden === 1 ? "message" : "messages"} of other branches`];
  return { ...conversation("ChatGPT export", messages, conversations.length), left };
}

function visibleBranch(
  { mapping, current_node: current, create_time: begun }: z.infer<typeof conversationSchema>,
  index: number,
): FoundMessage[] {
  const branch: FoundMessage[] = [];
  const seen = new Set<string>();
  const isThere = typeof current === "string" && Object.hasOwn(mapping, current);
  for (let id = isThere ? current : lastNode(mapping); typeof id === "string"; id = mapping[id]?.parent ?? null) {
    if (seen.has(id)) throw new Malformed(`[${index}].mapping.${id}`, "its parents form a cycle");
    seen.add(id);
    const message = mapping[id]?.message;
    const found = message === null || message === undefined ? undefined : speechIn(message, begun);
    if (found !== undefined) branch.push(found);
  }
  return branch.reverse();
}

/** The end of the branch to show if the file names none that exists: the newest message without a reply. */
function lastNode(mapping: z.infer<typeof conversationSchema>["mapping"]): string | null {
  const parents = new Set(Object.values(mapping).map(({ parent }) => parent));
  const leaves = Object.entries(mapping).filter(([id]) => !parents.has(id));
  const time = ([, { message }]: (typeof leaves)[number]): string => timeIn(message?.create_time) ?? "";
  const [newest] = leaves.sort((a, b) => (time(a) < time(b) ? 1 : -1));
  return newest?.[0] ?? null;
}

/** The text that person or assistant said to the other; undefined for calls to tools and their results. */
function speechIn(
  { author, content, create_time: time, recipient, metadata }: z.infer<typeof messageSchema>,
  begun: string | number | null | undefined,
): FoundMessage | undefined {
  const { role } = author;
  if (role !== "user" && role !== "assistant") return undefined;
  if (metadata?.is_visually_hidden_from_conversation === true) return undefined;
  if (recipient !== null && recipient !== undefined && recipient !== "all") return undefined;
  const text = (content.parts ?? []).map(partText).join("\n").trim();
  return text === "" ? undefined : { role, text, createdAt: timeIn(time ?? begun) };
}

/** The text of a part, spoken parts included; empty for pictures and files. */
function partText(part: unknown): string {
  if (typeof part === "string") return part;
  if (typeof part !== "object" || part === null || !("text" in part)) return "";
  return typeof part.text === "string" ? part.text : "";
}
