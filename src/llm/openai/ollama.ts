import type { Message } from "../../schema/message.ts";
import type { ModelOptions } from "../../schema/model-options.ts";
import type { LlmRequest } from "../../ports/llm.ts";
import type { Quirks } from "../../ports/quirks.ts";
import { Deadline } from "./deadline.ts";
import { isObject, list, member, parsed, text, type Json } from "./json.ts";
import { bytesOf, textOf } from "./lines.ts";
import { isLoopback } from "../../schema/loopback.ts";
import { RefusedError, type ServerError } from "./server-error.ts";
import { toWire } from "./wire.ts";

const PORT = "11434";
const PROBE_MS = 300;
/** In characters. */
const LONGEST_VERSION = 10_000;

/** Results by origin: one probe per process is enough. */
const known = new Map<string, boolean>();

/**
 * Whether the server at `url` is Ollama. Probes only servers on this machine or on Ollama's port, and briefly; one that does
 * not answer in time is probed again next time.
 */
export async function isOllama(
  url: URL,
  { proxy, signal }: { readonly proxy: URL | null; readonly signal: AbortSignal | undefined },
): Promise<boolean> {
  if (!isLoopback(url) && url.port !== PORT) return false;
  const before = known.get(url.origin);
  if (before !== undefined) return before;
  const { send } = await import("./transport.ts");
  // Not `AbortSignal.timeout`: within `AbortSignal.any`, Node 20 may collect it before it fires, and the probe would never end.
  const deadline = new Deadline();
  deadline.allow(PROBE_MS, "no answer");
  try {
    const either = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
    const init = { method: "GET", signal: either };
    const route = { proxy, connectMs: PROBE_MS };
    const response = await send(new URL("/api/version", url).href, init, route);
    const body = await textOf(bytesOf(response), LONGEST_VERSION);
    const found = text(member(parsed(body), "version")) !== "";
    known.set(url.origin, found);
    return found;
  } catch (error) {
    if (error instanceof RefusedError) known.set(url.origin, false);
    return false;
  } finally {
    deadline.end();
  }
}

/**
 * The body of a request to Ollama's own `/api/chat`. Its `/v1/chat/completions` has no parameter for the window: it uses the
 * one the server was started with, often 4,096 tokens, and silently truncates longer requests.
 *
 * @source https://github.com/ollama/ollama/issues/16814, https://docs.ollama.com/api/openai-compatibility
 */
export function ollamaBody(
  request: LlmRequest & { readonly contextWindow: number },
  model: string,
  { stream, temperature, topP, seed, body }: ModelOptions,
  { responseFormat }: Quirks = {},
): Json {
  const { options: extra, ...rest } = body;
  return {
    model,
    ...toWire(request.context),
    messages: [{ role: "system", content: request.context.system }, ...request.context.queue.map(toOllama)],
    stream,
    // Makes newer servers report an overflow instead of truncating; older ones ignore it.
    truncate: false,
    ...(request.responseSchema === undefined || responseFormat === "none"
      ? {}
      : { format: responseFormat === "json_object" ? "json" : request.responseSchema }),
    ...rest,
    options: {
      num_ctx: request.contextWindow,
      num_predict: request.maxTokens,
      ...(temperature === null ? {} : { temperature }),
      ...(topP === null ? {} : { top_p: topP }),
      ...(seed === null ? {} : { seed }),
      ...(isObject(extra) ? extra : {}),
    },
  };
}

/**
 * The quirk of an Ollama that cannot enforce the format of `sent`: it cannot build a grammar for some models' vocabularies,
 * and before 0.5 it had no schemas.
 *
 * @source https://github.com/ollama/ollama/issues/12422
 */
export function ollamaQuirkIn({ message }: ServerError, sent: Json, { body }: ModelOptions): Quirks | undefined {
  if (sent["format"] === undefined || "format" in body || !/\bformat\b/i.test(message)) return undefined;
  return { responseFormat: isObject(sent["format"]) ? "json_object" : "none" };
}

function toOllama(message: Message): Json {
  switch (message.role) {
    case "user":
      return { role: "user", content: message.content };
    case "assistant":
      return {
        role: "assistant",
        content: message.content ?? "",
        ...(message.calls.length === 0
          ? {}
          : {
              tool_calls: message.calls.map((call) => ({
                function: { name: call.name, arguments: objectOf(call.arguments) },
              })),
            }),
      };
    case "function":
      return { role: "tool", tool_name: message.name, content: message.content };
  }
}

/** The arguments as an object, which Ollama requires. Anything else was the model's mistake, and its return says so. */
function objectOf(json: string): Json {
  const value = parsed(json);
  return isObject(value) ? value : {};
}

/** Converts the lines of one answer of `/api/chat` into chunks of the OpenAI protocol. */
export function ollamaChunks(): (line: unknown) => unknown {
  let calls = 0;
  return (line) => {
    const message = member(line, "message");
    const delta = {
      content: member(message, "content"),
      reasoning: member(message, "thinking"),
      tool_calls: list(member(message, "tool_calls")).map((call) => ({
        index: calls++,
        id: member(call, "id"),
        function: member(call, "function"),
      })),
    };
    const finish = member(line, "done") === true ? text(member(line, "done_reason")) || "stop" : null;
    const usage = { prompt_tokens: member(line, "prompt_eval_count"), completion_tokens: member(line, "eval_count") };
    return { choices: [{ delta, finish_reason: finish }], usage };
  };
}
