import type { Completion, Llm, LlmDelta, LlmRequest, MainContext } from "../../index.ts";

type Call = { readonly name: string; readonly args: Readonly<Record<string, string | boolean>> };

/** The last archival search in the queue: its query and the texts it found. */
export type Found = { readonly query: string; readonly texts: readonly string[] };

/**
 * Works through an evaluation without a language model, so that storage and search alone are measured. It understands one
 * task only.
 */
export abstract class Driver implements Llm {
  abstract readonly model: string;

  /** @param task the person's last message. @param found undefined before the first search. */
  protected abstract next(task: string, found: Found | undefined): Call;

  async *complete({ context, signal }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    signal?.throwIfAborted();
    await Promise.resolve();
    const content = "I continue with the task.";
    yield { type: "content", text: content };
    if (context.functions.length === 0) return { content, calls: [], usage: null, finishReason: "stop" };
    const { name, args } = this.next(taskIn(context), lastFound(context));
    const json = JSON.stringify(args);
    yield { type: "call", index: 0, name, arguments: json };
    const calls = [{ id: "call_0", name, arguments: json }];
    return { content, calls, usage: null, finishReason: "function_calls" };
  }
}

export function search(query: string): Call {
  return { name: "archival_memory_search", args: { query, request_heartbeat: true } };
}

export function say(message: string): Call {
  return { name: "send_message", args: { message } };
}

function taskIn({ queue }: MainContext): string {
  const asked = queue.findLast((message) => message.role === "user" && message.event === "user_message");
  return field(asked?.content ?? "", "message");
}

function lastFound({ queue }: MainContext): Found | undefined {
  for (const message of queue.toReversed()) {
    // Results from before the task belong to another one.
    if (message.role === "user" && message.event === "user_message") return undefined;
    if (message.role !== "assistant") continue;
    const call = message.calls.find(({ name }) => name === "archival_memory_search");
    if (call === undefined) continue;
    const answer = queue.find((other) => other.role === "function" && other.callId === call.id);
    return { query: field(call.arguments, "query"), texts: textsIn(field(answer?.content ?? "", "message")) };
  }
  return undefined;
}

/** The texts of a page of results, without their times. */
function textsIn(page: string): string[] {
  const list = page.slice(page.indexOf("["), page.lastIndexOf("]") + 1);
  try {
    const items = JSON.parse(list) as unknown;
    const texts = Array.isArray(items) ? items.filter((item) => typeof item === "string") : [];
    return texts.map((text) => text.replace(/^timestamp: [^,]*, memory: /, ""));
  } catch {
    return [];
  }
}

function field(json: string, key: string): string {
  try {
    const value = (JSON.parse(json) as Record<string, unknown>)[key];
    return typeof value === "string" ? value : "";
  } catch {
    return json;
  }
}
