import * as z from "zod";
import { counted } from "../schema/counted.ts";
import {
  type FoundMessage,
  type ListReader,
  Malformed,
  conversation,
  hasField,
  shaped,
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

/** Whether this is a conversation of ChatGPT's `conversations.json`. */
export function isChatGptItem(value: unknown): boolean {
  return hasField(value, "mapping");
}

/** Reads the branch of each conversation that was shown last. */
export function chatGptReader(): ListReader {
  const messages: FoundMessage[] = [];
  let [conversations, others] = [0, 0];
  return {
    add: (item, place) => {
      const found = shaped(conversationSchema, item, place);
      const branch = visibleBranch(found, place);
      for (const message of branch) messages.push(message);
      conversations += 1;
      const all = Object.values(found.mapping).flatMap(({ message }) => message ?? []);
      others += all.filter((message) => speechIn(message, found.create_time) !== undefined).length - branch.length;
    },
    plan: () => {
      const left = others === 0 ? [] : [`${counted(others, "message")} of other branches`];
      return { ...conversation("ChatGPT export", messages, conversations), left };
    },
  };
}

function visibleBranch(
  { mapping, current_node: current, create_time: begun }: z.infer<typeof conversationSchema>,
  place: string,
): FoundMessage[] {
  const branch: FoundMessage[] = [];
  const seen = new Set<string>();
  const isThere = typeof current === "string" && Object.hasOwn(mapping, current);
  for (let id = isThere ? current : lastNode(mapping); typeof id === "string"; id = mapping[id]?.parent ?? null) {
    if (seen.has(id)) throw new Malformed(`${place}.mapping.${id}`, "its parents form a cycle");
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
