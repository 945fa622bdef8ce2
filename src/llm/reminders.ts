import type { Completion, FunctionSchema, MainContext } from "../schema/context.ts";
import type { Llm, LlmDelta, LlmRequest } from "../ports/llm.ts";

/** Tokens that the reminder takes from the answer, so that the request does not grow. */
const REMINDER_TOKENS = 60;

/**
 * `Llm` over a model that forgets how to act. Appends a reminder to the newest message of every request. The reminder is never
 * stored or sent again, so everything before the newest message stays in the server's prompt cache.
 *
 * @source the `hints` wrappers of memgpt 0.3, which put a list of reminders before the answer
 */
export class RemindingLlm implements Llm {
  readonly model: string;
  readonly #llm: Llm;

  constructor(llm: Llm) {
    this.model = llm.model;
    this.#llm = llm;
  }

  complete(request: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    const { context, maxTokens } = request;
    const reminded = withReminder(context);
    if (reminded === context) return this.#llm.complete(request);
    return this.#llm.complete({ ...request, context: reminded, maxTokens: Math.max(64, maxTokens - REMINDER_TOKENS) });
  }
}

/** The context unchanged if there are no functions, or nothing to answer. */
function withReminder(context: MainContext): MainContext {
  const { queue, functions } = context;
  const newest = queue.at(-1);
  if (newest === undefined || newest.role === "assistant" || functions.length === 0) return context;
  const content = `${newest.content}\n\n${reminderOf(functions)}`;
  return { ...context, queue: [...queue.slice(0, -1), { ...newest, content }] };
}

function reminderOf(functions: readonly FunctionSchema[]): string {
  const hasFunction = (name: string): boolean => functions.some((schema) => schema.name === name);
  const parts = [
    "Reminder: act by calling a function.",
    hasFunction("send_message") ? "Only send_message reaches the person." : "",
    hasFunction("core_memory_append") ? "Save what is lasting before you reply." : "",
    hasFunction("conversation_search") ? "Search before you say that you do not know." : "",
  ];
  return `(${parts.filter((part) => part !== "").join(" ")})`;
}
