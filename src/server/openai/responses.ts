import { createRoute } from "@hono/zod-openapi";
import * as z from "zod";
import { answers, body, on } from "../http/api.ts";
import { eventStream, writeJson } from "../http/event-stream.ts";
import { UNFORESEEN, failureOf } from "../http/failures.ts";
import type { Service } from "../http/service.ts";
import { chatIdOf } from "./chat-id.ts";
import { type Reply, chatMessage, linesOf, reply, wholeOf } from "./turn.ts";

const request = z
  .looseObject({
    model: z.string().default("memgpt"),
    input: z.union([z.string(), z.array(chatMessage.extend({ role: z.string().default("") })).max(10_000)]),
    stream: z.boolean().nullish(),
  })
  .openapi("ResponseRequest");

export function responseRoutes(service: Service): void {
  on(
    service.api,
    createRoute({
      method: "post",
      path: "/v1/responses",
      tags: ["OpenAI"],
      summary:
        "Sends the last message of the input to the agent named as the model. The agent itself remembers what came before.",
      request: { body: body(request) },
      responses: answers(
        z.looseObject({ id: z.string(), output: z.array(z.unknown()) }),
        "The response, or a stream of it.",
      ),
    }),
    async (c) => {
      const sent = c.req.valid("json");
      const { model, input, stream: isStream } = sent;
      const lines = typeof input === "string" ? [{ role: "user" as const, text: input }] : linesOf(input);
      // A plain string has no transcript before it, so it is always a new message.
      const answer = await reply(c, service, {
        model,
        lines,
        isWhole: typeof input !== "string",
        chat: chatIdOf(c, sent),
      });
      const response = new ResponseJson(model);
      if (isStream !== true) {
        c.req.raw.signal.addEventListener("abort", answer.cancel, { once: true });
        const text = await wholeOf(answer);
        return response.completed(text, await answer.ended());
      }
      await answer.begun();
      return eventStream(
        c,
        async (events) => {
          let sequence_number = 0;
          const write = async (type: string, fields: object): Promise<void> => {
            await writeJson(events, { type, sequence_number, ...fields }, type);
            sequence_number += 1;
          };
          await writeResponse(answer, response, write);
        },
        answer.cancel,
      );
    },
  );
}

/** Writes the events of a response, in the order that OpenAI's clients expect. */
async function writeResponse(
  answer: Reply,
  response: ResponseJson,
  write: (type: string, fields: object) => Promise<void>,
): Promise<void> {
  const at = { item_id: response.itemId, output_index: 0, content_index: 0 };
  try {
    await write("response.created", { response: response.begun() });
    await write("response.in_progress", { response: response.begun() });
    await write("response.output_item.added", { output_index: 0, item: response.item("in_progress", []) });
    await write("response.content_part.added", { ...at, part: textPart("") });
    let text = "";
    for await (const piece of answer.pieces) {
      text += piece;
      await write("response.output_text.delta", { ...at, delta: piece, logprobs: [] });
    }
    const usage = await answer.ended();
    await write("response.output_text.done", { ...at, text, logprobs: [] });
    await write("response.content_part.done", { ...at, part: textPart(text) });
    const item = response.item("completed", [textPart(text)]);
    await write("response.output_item.done", { output_index: 0, item });
    await write("response.completed", { response: response.completed(text, usage) });
  } catch (error) {
    const { code, detail } = failureOf(error) ?? UNFORESEEN;
    await write("response.failed", { response: response.failed(code, String(detail)) });
  }
}

function textPart(text: string): object {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** One response in each of its states. */
class ResponseJson {
  readonly itemId = `msg_${crypto.randomUUID().replaceAll("-", "")}`;
  readonly #common: Record<string, unknown>;

  constructor(model: string) {
    this.#common = {
      id: `resp_${crypto.randomUUID().replaceAll("-", "")}`,
      object: "response",
      created_at: Math.floor(Date.now() / 1000),
      model,
      error: null,
      incomplete_details: null,
      instructions: null,
      metadata: {},
      parallel_tool_calls: false,
      temperature: null,
      tool_choice: "auto",
      tools: [],
      top_p: null,
    };
  }

  item(status: string, content: readonly object[]): object {
    return { id: this.itemId, type: "message", role: "assistant", status, content };
  }

  begun(): object {
    return { ...this.#common, status: "in_progress", output: [], usage: null };
  }

  completed(text: string, { prompt, completion }: { readonly prompt: number; readonly completion: number }): object {
    const usage = {
      input_tokens: prompt,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: completion,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: prompt + completion,
    };
    const output = [this.item("completed", [textPart(text)])];
    return { ...this.#common, status: "completed", output, output_text: text, usage };
  }

  failed(code: string, message: string): object {
    return { ...this.#common, status: "failed", output: [], error: { code, message }, usage: null };
  }
}
