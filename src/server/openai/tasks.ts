import { type AgentSettings, type MemGPT, MemGPTError, type Message } from "../../index.ts";
import type { Line } from "../house/place.ts";

/**
 * Whether a request is a front end's own: for a title, tags, or questions to ask next. Only its text distinguishes it from a
 * person's message. An agent must not remember it.
 *
 * @source Open WebUI's task templates begin with `### Task:` and contain the chat's history; so does its template that adds
 *   search results to a person's message. LibreChat's templates ask for a title.
 */
export function isTask(lines: readonly Line[]): boolean {
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0 || line.role !== "user") return false;
  const { text } = line;
  if (/^\s*### Task:/.test(text)) return HAS_HISTORY.test(text) && !WRAPS_A_MESSAGE.test(text);
  return ASKS_FOR_A_TITLE.test(text);
}

const HAS_HISTORY = /### Chat History:|<chat_history>/;
const WRAPS_A_MESSAGE = /^\s*### Task:\s*Respond to the user query/;
const ASKS_FOR_A_TITLE =
  /5-word-or-less title|concise title (for (this|the) conversation|in the detected language|\(max \d+ characters\) for a conversation)/i;

const LONGEST_ANSWER = 1000;

/** Answers a task with an agent's model alone; memory is neither read nor written. */
export async function answerTask(
  memgpt: MemGPT,
  settings: AgentSettings,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  // The built-in model can only hold a conversation.
  if (settings.model === "practice") return plainAnswer(text);
  const createdAt = new Date().toISOString();
  const message: Message = { id: "task", createdAt, role: "user", event: "user_message", content: text };
  const context = { system: "Do the task. Answer with nothing else.", queue: [message], functions: [] };
  const { contextWindow } = settings;
  const answer = memgpt.llm(settings).complete({ context, maxTokens: LONGEST_ANSWER, contextWindow, signal });
  for (;;) {
    const { done, value } = await answer.next();
    if (done !== true) continue;
    if (value.content !== null) return value.content;
    throw new MemGPTError("llm_unavailable", "The model's answer to the task is empty.");
  }
}

/** The answer to a task, by the JSON field that its template asks for. */
const FORMS: Readonly<Record<string, (title: string) => unknown>> = {
  title: (title) => title,
  tags: () => ["General"],
  follow_ups: () => [],
  queries: () => [],
  text: () => "",
  prompt: (title) => title,
};

/** An answer made from the person's first message, in the form that the task asks for. */
function plainAnswer(text: string): string {
  const history = /<chat_history>([\s\S]*)<\/chat_history>/.exec(text)?.[1] ?? text;
  const first = /USER:\s*(\S.*)/i.exec(history)?.[1] ?? "Conversation";
  const title = first.split(/\s+/).slice(0, 5).join(" ");
  const [, field = ""] = /\{\s*"(\w+)"\s*:/.exec(text.replace(history, "")) ?? [];
  const answer = FORMS[field];
  return answer === undefined ? title : JSON.stringify({ [field]: answer(title) });
}
