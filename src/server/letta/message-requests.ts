import * as z from "zod";
import { MemGPTError } from "../../index.ts";
import { flag, several } from "../http/api.ts";
import { pageQuery } from "../http/paging.ts";
import type { TurnInput } from "../house/turns.ts";
import { textContent, textOf } from "./agent-requests.ts";
import { answersOf, approvalFields } from "./approvals.ts";

const message = z.looseObject({
  type: z.string().nullish(),
  role: z.enum(["user", "system", "assistant"]).nullish(),
  content: textContent.nullish(),
  otid: z.string().max(200).nullish(),
  name: z.string().nullish(),
  ...approvalFields,
});

export const sendMessage = z
  .looseObject({
    messages: z.array(message).max(100).nullish(),
    input: textContent.nullish(),
    streaming: z.boolean().nullish(),
    stream_tokens: z.boolean().nullish(),
    background: z.boolean().nullish(),
    include_pings: z.boolean().nullish(),
    max_steps: z.number().int().positive().nullish(),
    override_model: z.string().max(300).nullish(),
    use_assistant_message: z.boolean().nullish(),
    include_return_message_types: z.array(z.string()).nullish(),
    callback_url: z.string().nullish(),
    client_tools: z
      .array(
        z.looseObject({
          name: z.string(),
          description: z.string().nullish(),
          parameters: z.record(z.string(), z.unknown()).nullish(),
        }),
      )
      .max(200)
      .nullish(),
  })
  .openapi("SendMessage");
export type SendMessage = z.output<typeof sendMessage>;

export const messageQuery = pageQuery({ limit: 100, order: "desc" }).extend({
  include_return_message_types: several.optional(),
  use_assistant_message: flag.optional(),
  conversation_id: z.string().optional(),
  include_err: flag.optional(),
});

/** The text and the answers to waiting calls in a request. @throws MemGPTError `invalid_input` if it has neither. */
export function inputOf(
  { messages, input }: SendMessage,
  retries: string | undefined,
  warnings: string[],
): Omit<TurnInput, "wishes"> {
  const incoming = messages ?? (input == null ? [] : [{ role: "user" as const, content: input }]);
  const answers = answersOf(incoming);
  const all = incoming.filter(({ type }) => type !== "approval" && type !== "tool_return");
  const parts = all.map((one) => ({ role: one.role ?? "user", text: textOf(one.content ?? ""), otid: one.otid }));
  if (all.some(({ content }) => Array.isArray(content) && content.some(({ type }) => type !== "text"))) {
    warnings.push("Only text is supported; the agent sees other content as its type in brackets.");
  }
  const fromPerson = parts.some(({ role }) => role === "user");
  const text = parts
    .map((one) => (fromPerson && one.role !== "user" ? `(${one.role}) ${one.text}` : one.text))
    .filter((line) => line.trim() !== "")
    .join("\n\n");
  if (text === "" && answers === undefined)
    throw new MemGPTError("invalid_input", "The message is empty. Nothing was sent.");
  const otid = parts.findLast((one) => one.role === "user")?.otid ?? undefined;
  return { text, from: fromPerson ? "user" : "system", otid, answers, isRepeat: Number(retries ?? 0) > 0 };
}
