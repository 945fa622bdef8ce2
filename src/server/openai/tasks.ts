import { type AgentSettings, type MemGPT, MemGPTError, type Message } from "../../index.ts";
import type { Line } from "../house/place.ts";

/**
 * What a front end asks a model beside the conversation: a title, tags, questions to ask next. Only the text tells it from what a
 * person says. An agent must not remember it.
 *
 * @source Open WebUI's task templates begin with `### Task:` and hold the chat's history; LibreChat's ask for a title.
 */
export function isTask(lines: readonly Line[]): boolean {
  const [line, ...more] = lines;
  if (line === undefined || more.length > 0 || line.role !== "user") return false;
  const { text } = line;
  if (/^\s*### Task:/.test(text) && /### Chat History:|<chat_history>/.test(text)) return true;
  return /\b(title|summar)/i.test(text) && /5-word-or-less title|concise title for (this|the) conversation/i.test(text);
}

const LONGEST_ANSWER = 1000;

/** Answers a task by an agent's model alone: no memory is read or written. */
export async function answerTask(
  memgpt: MemGPT,
  settings: AgentSettings,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  // The built-in model knows only how to talk to a person.
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
    throw new MemGPTError("llm_unavailable", "The model answered the task with nothing.");
  }
}

/** In the form that Open WebUI asks for, made of what was said last. */
function plainAnswer(text: string): string {
  const history = /<chat_history>([\s\S]*)<\/chat_history>/.exec(text)?.[1] ?? text;
  const said = /USER:\s*(.+)/i.exec(history)?.[1] ?? "Conversation";
  const title = said.split(/\s+/).slice(0, 5).join(" ");
  if (/follow[_-]?ups?/i.test(text)) return JSON.stringify({ follow_ups: [] });
  if (/\btags?\b/i.test(text)) return JSON.stringify({ tags: ["General"] });
  return /JSON/.test(text) ? JSON.stringify({ title }) : title;
}
