import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, on } from "../http/api.ts";
import { eventStream, writeJson } from "../http/event-stream.ts";
import { UNFORESEEN, failureOf, openaiError } from "../http/failures.ts";
import type { Service } from "../http/service.ts";
import { chatIdOf } from "./chat-id.ts";
import { chatMessage, linesOf, reply, wholeOf } from "./turn.ts";

const request = z
  .looseObject({
    model: z.string().default("memgpt"),
    messages: z.array(chatMessage).min(1).max(10_000),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  })
  .openapi("ChatCompletionRequest");

export function chatRoutes(service: Service): void {
  on(
    service.api,
    createRoute({
      method: "post",
      path: "/v1/chat/completions",
      tags: ["OpenAI"],
      summary:
        "Sends the last message to the agent named as the model. The messages before it give its position: the same position again " +
        "is a retry or an edit, which also undoes changes to memory.",
      request: { body: body(request) },
      responses: answers(
        z.looseObject({ id: z.string(), choices: z.array(z.unknown()) }),
        "The reply, or a stream of it.",
      ),
    }),
    async (c) => {
      const sent = c.req.valid("json");
      const { model, messages, stream: isStream, stream_options } = sent;
      const answer = await reply(c, service, { model, lines: linesOf(messages), chat: chatIdOf(c, sent) });
      const common = { id: `chatcmpl-${crypto.randomUUID()}`, created: Math.floor(Date.now() / 1000), model };
      if (isStream !== true) {
        c.req.raw.signal.addEventListener("abort", answer.cancel, { once: true });
        const text = await wholeOf(answer);
        const usage = usageJson(await answer.ended());
        const message = { role: "assistant", content: text, refusal: null };
        return {
          ...common,
          object: "chat.completion",
          choices: [{ index: 0, message, finish_reason: "stop", logprobs: null }],
          usage,
        };
      }
      await answer.begun();
      const chunk = (delta: object, finish_reason: string | null = null): object => ({
        ...common,
        object: "chat.completion.chunk",
        choices: [{ index: 0, delta, finish_reason, logprobs: null }],
      });
      return eventStream(
        c,
        async (events) => {
          try {
            await writeJson(events, chunk({ role: "assistant", content: "" }));
            for await (const piece of answer.pieces) await writeJson(events, chunk({ content: piece }));
            const usage = usageJson(await answer.ended());
            await writeJson(events, chunk({}, "stop"));
            if (stream_options?.include_usage === true) {
              await writeJson(events, { ...common, object: "chat.completion.chunk", choices: [], usage });
            }
          } catch (error) {
            await writeJson(events, openaiError(failureOf(error) ?? UNFORESEEN));
          }
          await events.writeSSE({ data: "[DONE]" });
        },
        answer.cancel,
      );
    },
  );
}

function usageJson({ prompt, completion }: { readonly prompt: number; readonly completion: number }): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
}
