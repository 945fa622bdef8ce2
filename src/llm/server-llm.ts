import type { Llm } from "../ports/llm.ts";
import type { QuirkStore } from "../ports/quirks.ts";
import type { AnswerBounds } from "../schema/answer-bounds.ts";
import type { Connection } from "../schema/connection.ts";
import type { ModelOptions } from "../schema/model-options.ts";
import { BoundedLlm } from "./bounded-llm.ts";
import { InnerThoughtsLlm } from "./inner-thoughts.ts";
import { FunctionCallingLlm } from "./json-functions/function-calling-llm.ts";
import { JsonFunctionsLlm } from "./json-functions/json-functions-llm.ts";
import { OpenAiLlm } from "./openai/openai-llm.ts";
import { RemindingLlm } from "./reminders.ts";

export type ServerModel = {
  readonly model: string;
  readonly connection: Connection;
  readonly options: ModelOptions;
  readonly quirks: QuirkStore;
  readonly bounds: AnswerBounds;
};

/** A model of an OpenAI-compatible server, with the adaptors that its options ask for. @throws LlmError as `OpenAiLlm` does. */
export function serverLlm({ model, connection, options, quirks, bounds }: ServerModel): Llm {
  const bounded = new BoundedLlm(new OpenAiLlm({ ...connection, model, options, quirks, bounds }), bounds);
  const llm = adapted(bounded, options, quirks);
  return options.reminders ? new RemindingLlm(llm) : llm;
}

/** `server` with the adaptors for its model's way of calling functions. */
export function adapted(
  server: Llm,
  { functionCalling, innerThoughts }: Pick<ModelOptions, "functionCalling" | "innerThoughts">,
  quirks: QuirkStore,
): Llm {
  const json = new JsonFunctionsLlm(server);
  if (functionCalling === "json") return json;
  const native = innerThoughts === "content" ? server : new InnerThoughtsLlm(server, { mode: innerThoughts, quirks });
  return functionCalling === "native" ? native : new FunctionCallingLlm({ native, json, quirks });
}
