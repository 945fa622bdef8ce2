import * as z from "zod";
import { type ImportPlan, conversation, shaped, someItemHas, timeIn, timeSchema } from "./plan.ts";

const messageSchema = z.object({
  sender: z.enum(["human", "assistant"]),
  text: z.string().nullish(),
  created_at: timeSchema.nullish(),
  content: z.array(z.object({ type: z.string(), text: z.string().nullish() }).loose()).nullish(),
});

const conversationSchema = z.object({ name: z.string().nullish(), chat_messages: z.array(messageSchema) });

export function isClaude(value: unknown): boolean {
  return someItemHas(value, "chat_messages");
}

/** Claude's `conversations.json`. */
export function readClaude(value: unknown): ImportPlan {
  const conversations = shaped(z.array(conversationSchema), value);
  const messages = conversations.flatMap(({ chat_messages }) =>
    chat_messages.flatMap((message) => {
      const text = textOf(message);
      const role = message.sender === "human" ? ("user" as const) : ("assistant" as const);
      return text === "" ? [] : [{ role, text, createdAt: timeIn(message.created_at) }];
    }),
  );
  return conversation("Claude export", messages, conversations.length);
}

/** Prefers the blocks of newer exports, because `text` also mentions tools. */
function textOf({ text, content }: z.infer<typeof messageSchema>): string {
  const blocks = (content ?? []).filter(({ type }) => type === "text").map((block) => block.text ?? "");
  return (blocks.length > 0 ? blocks.join("\n\n") : (text ?? "")).trim();
}
