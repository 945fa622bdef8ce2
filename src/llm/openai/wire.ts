import type { ChatCompletionChunk, ChatCompletionCreateParamsStreaming } from "openai/resources/chat/completions";
import type { Completion, MainContext, Usage } from "../../schema/context.ts";
import type { FunctionCall, Message } from "../../schema/message.ts";
import type { LlmDelta } from "../llm.ts";

type WireMessage = ChatCompletionCreateParamsStreaming["messages"][number];

/** The request's body for `context`. What is called a function here is a tool on the wire. */
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

/** Puts a streamed answer together chunk by chunk. */
export class ChunkCollector {
  #content = "";
  readonly #calls: { id: string; name: string; arguments: string }[] = [];
  #usage: Usage | null = null;
  #finish: string | null = null;

  /** @returns what `chunk` adds for those who watch. */
  push(chunk: ChatCompletionChunk): LlmDelta[] {
    if (chunk.usage !== null && chunk.usage !== undefined) this.#usage = fromWireUsage(chunk.usage);
    const choice = chunk.choices[0];
    if (choice === undefined) return [];
    this.#finish = choice.finish_reason ?? this.#finish;
    const deltas: LlmDelta[] = [];
    if (typeof choice.delta.content === "string" && choice.delta.content !== "") {
      this.#content += choice.delta.content;
      deltas.push({ type: "content", text: choice.delta.content });
    }
    for (const piece of choice.delta.tool_calls ?? []) {
      const call = this.#calls[piece.index] ?? { id: "", name: "", arguments: "" };
      this.#calls[piece.index] = call;
      call.id = piece.id ?? call.id;
      call.name += piece.function?.name ?? "";
      const args = piece.function?.arguments ?? "";
      call.arguments += args;
      if (args !== "") deltas.push({ type: "call", index: piece.index, name: call.name, arguments: args });
    }
    return deltas;
  }

  completion(): Completion {
    const calls: FunctionCall[] = this.#calls.filter((call) => call.name !== "");
    return {
      content: this.#content === "" ? null : this.#content,
      calls,
      usage: this.#usage,
      finishReason: this.#reason(calls),
    };
  }

  #reason(calls: readonly FunctionCall[]): Completion["finishReason"] {
    if (this.#finish === "length" || this.#finish === "content_filter") return this.#finish;
    return calls.length > 0 ? "function_calls" : "stop";
  }
}

function fromWireUsage(usage: NonNullable<ChatCompletionChunk["usage"]>): Usage {
  return {
    prompt: usage.prompt_tokens,
    completion: usage.completion_tokens,
    cached: usage.prompt_tokens_details?.cached_tokens ?? 0,
  };
}
