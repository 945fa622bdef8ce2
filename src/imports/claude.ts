import * as z from "zod";
import { type FoundMessage, type ListReader, conversation, hasField, shaped, timeIn, timeSchema } from "./plan.ts";

const messageSchema = z.object({
  sender: z.enum(["human", "assistant"]),
  text: z.string().nullish(),
  created_at: timeSchema.nullish(),
  content: z.array(z.object({ type: z.string(), text: z.string().nullish() }).loose()).nullish(),
});

const conversationSchema = z.object({ name: z.string().nullish(), chat_messages: z.array(messageSchema) });

/** Whether this is a conversation of Claude's `conversations.json`. */
export function isClaudeItem(value: unknown): boolean {
  return hasField(value, "chat_messages");
}

export function claudeReader(): ListReader {
  const messages: FoundMessage[] = [];
  let conversations = 0;
  return {
    add: (item, place) => {
      for (const message of shaped(conversationSchema, item, place).chat_messages) {
        const text = textOf(message);
        const role = message.sender === "human" ? "user" : "assistant";
        if (text !== "") messages.push({ role, text, createdAt: timeIn(message.created_at) });
      }
      conversations += 1;
    },
    plan: () => conversation("Claude export", messages, conversations),
  };
}

/** Prefers the blocks of newer exports, because `text` also mentions tools. */
function textOf({ text, content }: z.infer<typeof messageSchema>): string {
  const blocks = (content ?? []).filter(({ type }) => type === "text").map((block) => block.text ?? "");
  return (blocks.length > 0 ? blocks.join("\n\n") : (text ?? "")).trim();
}
