import type { ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions";
import type { MainContext } from "../../schema/context.ts";
import type { Message } from "../../schema/message.ts";
import type { ModelOptions } from "../../schema/model-options.ts";
import type { LlmRequest } from "../../ports/llm.ts";
import type { Quirks } from "../../ports/quirks.ts";
import type { Address } from "./address.ts";
import { member } from "./json.ts";
import type { ServerError } from "./server-error.ts";

type WireMessage = ChatCompletionCreateParamsStreaming["messages"][number];

/** The messages and tools of a request for `context`. Functions are called tools on the wire. */
export function toWire(context: MainContext): Pick<ChatCompletionCreateParamsStreaming, "messages" | "tools"> {
  const messages: WireMessage[] = [{ role: "system", content: context.system }, ...context.queue.map(messageToWire)];
  if (context.functions.length === 0) return { messages };
  const tools = context.functions.map(({ name, description, parameters }) => ({
    type: "function" as const,
    function: { name, description, parameters: { ...parameters } },
  }));
  return { messages, tools };
}

function messageToWire(message: Message): WireMessage {
  switch (message.role) {
    case "user":
      return { role: "user", content: message.content };
    case "assistant":
      if (message.calls.length === 0) return { role: "assistant", content: message.content ?? "" };
      return {
        role: "assistant",
        content: message.content,
        tool_calls: message.calls.map((call) => ({
          id: call.id,
          type: "function" as const,
          function: { name: call.name, arguments: call.arguments },
        })),
      };
    case "function":
      return { role: "tool", tool_call_id: message.callId, content: message.content };
  }
}

export type BodyOptions = {
  readonly model: string;
  readonly kind: Address["kind"];
  readonly options: ModelOptions;
  readonly quirks: Quirks;
};

/** The body of a request for a completion, in the form that the server is known to accept, with what the person adds. */
export function chatBody(
  { context, maxTokens, responseSchema }: LlmRequest,
  { model, kind, options, quirks }: BodyOptions,
): Readonly<Record<string, unknown>> {
  const { temperature, topP, seed } = options;
  return {
    model,
    ...toWire(context),
    ...streaming(options, quirks),
    ...(responseSchema === undefined ? {} : responseFormat(responseSchema, quirks)),
    [maxTokensField(kind, options, quirks)]: maxTokens,
    ...(temperature === null ? {} : { temperature }),
    ...(topP === null ? {} : { top_p: topP }),
    ...(seed === null ? {} : { seed }),
    ...options.body,
  };
}

function streaming(options: ModelOptions, quirks: Quirks): Readonly<Record<string, unknown>> {
  if (!options.stream || quirks.stream === false) return {};
  return quirks.streamOptions === false ? { stream: true } : { stream: true, stream_options: { include_usage: true } };
}

/**
 * Not strict: OpenAI's strict mode accepts only a part of JSON schema, and answers are checked anyway. Servers that build a
 * grammar from a schema accept either form; llama-cpp-python and older llama.cpp only `json_object` with a schema.
 *
 * @source https://github.com/abetlen/llama-cpp-python#json-schema-mode, https://docs.vllm.ai/en/latest/features/structured_outputs/
 */
function responseFormat(schema: Readonly<Record<string, unknown>>, quirks: Quirks): Readonly<Record<string, unknown>> {
  if (quirks.responseFormat === "none") return {};
  if (quirks.responseFormat === "json_object") return { response_format: { type: "json_object" } };
  if (quirks.responseFormat === "json_object_schema") return { response_format: { type: "json_object", schema } };
  return { response_format: { type: "json_schema", json_schema: { name: "answer", schema } } };
}

/** OpenAI's newer models refuse `max_tokens`; most other servers accept nothing else. */
function maxTokensField(
  kind: Address["kind"],
  { maxTokensField: chosen }: ModelOptions,
  { maxTokensField: learnt }: Quirks,
): NonNullable<Quirks["maxTokensField"]> {
  if (chosen !== "auto") return chosen;
  return learnt ?? (kind === "openai" ? "max_completion_tokens" : "max_tokens");
}

const REFUSED =
  /unsupported|cannot|not (supported|permitted|allowed|available|implemented)|n't support|not support|unknown|unrecogni[sz]ed|unexpected|extra (inputs|fields|parameters)|invalid (parameter|field|argument)/i;

const LIMITED = /too (large|many|high|small)|at most|at least|less than|greater than|exceed|maximum value/i;
const STREAM_REFUSED =
  /\bstream(ing|ed|s)?\b[^.]{0,40}(not (be )?(support|available|implemented|allowed|enabled)|unsupported)|(not support|n't support|unsupported|unknown|unrecogni[sz]ed|cannot use)[^.]{0,40}\bstream/i;
const FORMAT = /response_?format|json_?(schema|object)|grammar|structured output|guided/i;

/** The format to ask for after a server refused `format`. */
function lesserFormat(format: unknown): NonNullable<Quirks["responseFormat"]> {
  if (member(format, "type") === "json_schema") return "json_object_schema";
  return member(format, "schema") === undefined ? "none" : "json_object";
}

/**
 * The quirk of a server that refused `body` for a member it does not support, so that the request can be repeated without it.
 * Undefined if it refused for another reason.
 */
export function quirkIn(
  said: ServerError,
  body: Readonly<Record<string, unknown>>,
  options: ModelOptions,
): Quirks | undefined {
  if (![400, 404, 405, 415, 422, 500, 501].includes(said.status ?? 0)) return undefined;
  const refused = `${said.param} ${said.code} ${said.message}`;
  // Servers word a refused schema in many ways.
  if ("response_format" in body && !("response_format" in options.body) && FORMAT.test(refused))
    return { responseFormat: lesserFormat(body["response_format"]) };
  if (!REFUSED.test(refused)) return undefined;
  const own = (name: string): boolean => name in body && !(name in options.body) && refused.includes(name);
  if (own("stream_options")) return { streamOptions: false };
  const field = said.param === "" ? firstNamed(refused) : said.param;
  // A number that is too large is no reason to rename the field.
  if (options.maxTokensField === "auto" && !LIMITED.test(refused)) {
    if (field === "max_tokens" && own(field)) return { maxTokensField: "max_completion_tokens" };
    if (field === "max_completion_tokens" && own(field)) return { maxTokensField: "max_tokens" };
  }
  const isStream = said.param === "stream" || STREAM_REFUSED.test(said.message);
  if (body["stream"] === true && !("stream" in options.body) && isStream) return { stream: false };
  return undefined;
}

/** The field that a message is about: the first it names. A second is the one to use instead. */
function firstNamed(message: string): string {
  return /max_(completion_)?tokens/.exec(message)?.[0] ?? "";
}
