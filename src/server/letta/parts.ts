import { type AgentEvent, type FunctionCall, type Message, envelopeText, spokenText } from "../../index.ts";
import { idOf } from "../house/ids.ts";

/** One message in Letta's protocol. A stored message may have several: its thought, and one for each call. */
export type Part = Fields & { readonly id: string; readonly date: string };

/** The fields of a part, by its type. */
type Fields = { readonly message_type: string; readonly [field: string]: unknown };

export type PartOptions = {
  /** Whether a `send_message` call appears as the message it sends, and its return is left out. */
  readonly useAssistantMessage: boolean;
};

const SPEECH = "send_message";

/** The parts of a stored message, in the order in which they happened. */
export function partsOf(message: Message, options: PartOptions): Part[] {
  const common = { id: `message-${message.id}`, date: message.createdAt };
  switch (message.role) {
    case "user":
      return [{ ...common, ...eventPart(message) }];
    case "assistant": {
      const step_id = idOf("step", message.id);
      const thought =
        (message.content ?? "").trim() === "" ? [] : [{ ...common, step_id, ...thoughtPart(message.content ?? "") }];
      const calls = message.calls.flatMap((call, index) => {
        const part = callPart(call, options);
        return part === undefined ? [] : [{ ...common, id: callId(message.id, index), step_id, ...part }];
      });
      return [...thought, ...calls];
    }
    case "function":
      // A waiting call has not returned.
      if (message.pending === true) return [];
      if (message.name === SPEECH && options.useAssistantMessage) return [];
      return [{ ...common, ...returnPart({ ...message, output: envelopeText(message.content) ?? message.content }) }];
  }
}

/** The stored message that a part belongs to. */
export function messageIdOf(partId: string): string {
  return partId.replace(/^message-/, "").replace(/^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+$/, "$1");
}

/** Turns a turn's events into parts, with the same ids as in later lists. */
export class TurnParts {
  readonly #options: PartOptions & { readonly tokens: boolean };
  readonly #run: string;
  #message = "";
  #calls = 0;
  /** Ids of parts that were streamed as deltas. */
  readonly #begun = new Set<string>();

  /** @param options.tokens Whether to stream text as deltas. */
  constructor(run: string, options: PartOptions & { readonly tokens: boolean }) {
    this.#run = run;
    this.#options = options;
  }

  of(event: AgentEvent): Part[] {
    switch (event.type) {
      case "step_start":
        this.#message = event.messageId;
        this.#calls = 0;
        return [];
      case "internal_monologue_delta":
        return this.#delta(`message-${this.#message}`, thoughtPart(event.text));
      case "assistant_message_delta": {
        if (!this.#options.useAssistantMessage) return [];
        const id = callId(this.#message, event.call);
        // The blank line between two messages belongs to neither.
        const text = this.#begun.has(id) ? event.text : event.text.replace(/^\n\n/, "");
        return this.#delta(id, { message_type: "assistant_message", content: text });
      }
      case "internal_monologue":
        return this.#whole(`message-${this.#message}`, thoughtPart(event.text));
      case "function_call": {
        const part = callPart(event.call, this.#options);
        const id = callId(this.#message, this.#calls);
        this.#calls += 1;
        return part === undefined ? [] : this.#whole(id, part);
      }
      case "function_return":
        if (event.name === SPEECH && this.#options.useAssistantMessage) return [];
        return this.#whole(`message-${event.messageId}`, returnPart(event), false);
      case "queue_flush":
        return this.#whole(
          idOf("message", this.#run, event.summary),
          { message_type: "summary_message", summary: event.summary },
          false,
        );
      case "turn_start":
      case "retry":
      case "assistant_message":
      case "memory_edit":
      case "memory_pressure":
      case "popped":
      case "notice":
      case "step_end":
      case "turn_end":
        return [];
    }
  }

  #delta(id: string, part: Fields): Part[] {
    if (!this.#options.tokens) return [];
    this.#begun.add(id);
    return [this.#part(id, part)];
  }

  #whole(id: string, part: Fields, ofStep = true): Part[] {
    return this.#begun.has(id) ? [] : [this.#part(id, part, ofStep)];
  }

  #part(id: string, part: Fields, ofStep = true): Part {
    const step = ofStep ? { step_id: idOf("step", this.#message) } : {};
    return { id, date: new Date().toISOString(), ...step, run_id: this.#run, ...part };
  }
}

function callId(message: string, index: number): string {
  return `message-${message}-${index + 1}`;
}

function eventPart(message: Extract<Message, { role: "user" }>): Fields {
  const text = envelopeText(message.content) ?? message.content;
  switch (message.event) {
    case "user_message":
      return {
        message_type: "user_message",
        content: text,
        ...(message.name === undefined ? {} : { name: message.name }),
      };
    case "summary":
      return { message_type: "summary_message", summary: text };
    case "login":
    case "heartbeat":
    case "system_alert":
      return { message_type: "system_message", content: message.content };
  }
}

function thoughtPart(reasoning: string): Fields {
  return { message_type: "reasoning_message", reasoning, source: "non_reasoner_model" };
}

/** Undefined for a `send_message` call without text. */
function callPart(call: FunctionCall, { useAssistantMessage }: PartOptions): Fields | undefined {
  if (call.name === SPEECH && useAssistantMessage) {
    const content = spokenText({ id: "", createdAt: "", role: "assistant", content: null, calls: [call] });
    return content === undefined ? undefined : { message_type: "assistant_message", content };
  }
  const tool_call = { name: call.name, arguments: call.arguments, tool_call_id: call.id };
  const message_type = call.deferred === true ? "approval_request_message" : "tool_call_message";
  return { message_type, tool_call, tool_calls: [tool_call] };
}

function returnPart(returned: {
  readonly callId: string;
  readonly name: string;
  readonly status: "OK" | "Failed";
  readonly output: string;
}): Fields {
  const { callId: tool_call_id, name, output: tool_return } = returned;
  const status = returned.status === "OK" ? "success" : "error";
  const own = { tool_return, status, tool_call_id, stdout: null, stderr: null };
  return { message_type: "tool_return_message", name, ...own, tool_returns: [{ type: "tool", ...own }] };
}
