import * as z from "zod";
import { type FoundMessage, type ImportPlan, conversation, shaped, someItemHas, timeIn, timeSchema } from "./plan.ts";

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

/** ChatGPT's `conversations.json`: of each conversation the branch that was shown last. */
export function readChatGpt(value: unknown): ImportPlan {
  const conversations = shaped(z.array(conversationSchema), value);
  const messages = conversations.flatMap(visibleBranch);
  const all = conversations.flatMap(({ mapping, create_time: begun }) =>
    Object.values(mapping).filter(({ message }) => message && said(message, begun) !== undefined),
  );
  const hidden = all.length - messages.length;
  const left = hidden === 0 ? [] : [`${hidden} ${hidden === 1 ? "message" : "messages"} of other branches`];
  return { ...conversation("ChatGPT export", messages, conversations.length), left };
}

function visibleBranch({
  mapping,
  current_node: current,
  create_time: begun,
}: z.infer<typeof conversationSchema>): FoundMessage[] {
  const branch: FoundMessage[] = [];
  const seen = new Set<string>();
  for (
    let id = current ?? lastNode(mapping);
    typeof id === "string" && !seen.has(id);
    id = mapping[id]?.parent ?? null
  ) {
    seen.add(id);
    const message = mapping[id]?.message;
    const found = message === null || message === undefined ? undefined : said(message, begun);
    if (found !== undefined) branch.push(found);
  }
  return branch.reverse();
}

/** Where no branch is said to be the shown one: the message that none follows, the newest of several. */
function lastNode(mapping: z.infer<typeof conversationSchema>["mapping"]): string | null {
  const parents = new Set(Object.values(mapping).map(({ parent }) => parent));
  const leaves = Object.entries(mapping).filter(([id]) => !parents.has(id));
  const time = ([, { message }]: (typeof leaves)[number]): string => timeIn(message?.create_time) ?? "";
  const [newest] = leaves.sort((a, b) => (time(a) < time(b) ? 1 : -1));
  return newest?.[0] ?? null;
}

/** What a person or the assistant said to the other; not what tools were asked and answered. */
function said(
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

/** Pictures and files have no text; what was spoken has. */
function partText(part: unknown): string {
  if (typeof part === "string") return part;
  if (typeof part !== "object" || part === null || !("text" in part)) return "";
  return typeof part.text === "string" ? part.text : "";
}
