import { expect } from "vitest";
import { PracticeLlm } from "../../../src/llm/practice/practice-llm.ts";
import type { Completion, FunctionSchema, MainContext } from "../../../src/schema/context.ts";
import type { FunctionCall, Message } from "../../../src/schema/message.ts";
import { onlyTimeOf, timedQuery } from "../../../src/search/timed-query.ts";

export const ALL_FUNCTIONS = [
  "send_message",
  "pause_heartbeats",
  "core_memory_append",
  "core_memory_replace",
  "conversation_search",
  "conversation_search_date",
  "archival_memory_insert",
  "archival_memory_search",
] as const;

const PAGE_SIZE = 5;
const MOST_STEPS = 30;

type Item = { readonly day: string; readonly speaker?: string; readonly text: string };
type Result = { readonly status: "OK" | "Failed"; readonly output: string };

/** What one turn did. */
export type Told = {
  readonly replies: string[];
  readonly calls: { name: string; args: Record<string, unknown> }[];
  readonly steps: number;
};

/** A tiny agent: a human block and perhaps others, two lists to search, and the loop of heartbeats. */
export class PracticeLoop {
  human: string;
  limit = 2000;
  /** Blocks besides persona and human, as the model sees them. */
  otherBlocks = "";
  day = "2026-11-21";
  functions: readonly string[] = ALL_FUNCTIONS;
  queue: Message[] = [];
  readonly recall: Item[] = [];
  readonly archival: Item[] = [];
  /** Called before each step; may trim the queue. */
  beforeStep: (step: number) => void = () => undefined;
  /** Overrides the return of a call. */
  override: (name: string, args: Record<string, unknown>) => Result | undefined = () => undefined;
  readonly #llm = new PracticeLlm();
  #count = 0;

  constructor(human = "") {
    this.human = human;
  }

  say(message: string): Promise<Told> {
    this.push("user_message", { message });
    const before = this.recall.length;
    return this.run(true).then((told) => {
      this.recall.splice(before, 0, { day: this.day, speaker: "user", text: message });
      for (const text of told.replies) this.recall.push({ day: this.day, speaker: "assistant", text });
      return told;
    });
  }

  /** The one reply to a message. */
  async ask(message: string): Promise<string> {
    const { replies } = await this.say(message);
    expect(replies, message).toHaveLength(1);
    return replies[0] ?? "";
  }

  push(event: "user_message" | "login" | "heartbeat" | "system_alert", fields: Record<string, string>): void {
    const content = JSON.stringify({ type: event, ...fields, time: this.#time() });
    this.queue.push({ id: this.#id(), createdAt: `${this.day}T01:40:27.000Z`, role: "user", event, content });
  }

  /** Steps until nothing asks for another one. */
  async run(person: boolean): Promise<Told> {
    const told: Told = { replies: [], calls: [], steps: 0 };
    let steps = 0;
    for (;;) {
      steps += 1;
      expect(steps, "steps in one turn").toBeLessThanOrEqual(MOST_STEPS);
      this.beforeStep(steps);
      const { content, calls } = await complete(this.#llm, this.context());
      this.queue.push({
        id: this.#id(),
        createdAt: `${this.day}T01:40:27.000Z`,
        role: "assistant",
        content,
        calls: [...calls],
      });
      let again = false;
      for (const call of calls) again = this.#run(call, told) || again;
      if (!again) {
        expect(!person || told.replies.length > 0, "the person has a reply").toBe(true);
        return { ...told, steps };
      }
      this.push("heartbeat", { reason: "[automated] go on" });
    }
  }

  context(): MainContext {
    const system = [
      "You are a test.",
      "### Memory [last modified: 2026-11-21 01:40:27 AM UTC+0000]",
      `${this.recall.length} previous messages between you and the user are stored in recall memory (use functions to access them)`,
      `${this.archival.length} memories you created are stored in archival memory (use functions to access them)`,
      "",
      `<persona characters="9/2000">\nI am Sam.\n</persona>`,
      `<human characters="${this.human.length}/${this.limit}">\n${this.human}\n</human>`,
      this.otherBlocks,
    ].join("\n");
    return { system, queue: this.queue, functions: this.functions.map(schema) };
  }

  #run(call: FunctionCall, told: Told): boolean {
    const args: Record<string, unknown> = { ...(JSON.parse(call.arguments) as Record<string, unknown>) };
    expect(this.functions, "only listed functions are called").toContain(call.name);
    told.calls.push({ name: call.name, args });
    const { status, output } = this.override(call.name, args) ?? this.#execute(call.name, args);
    if (call.name === "send_message" && status === "OK") told.replies.push(word(args, "message"));
    const content = JSON.stringify({ status, message: output, time: this.#time() });
    const createdAt = `${this.day}T01:40:27.000Z`;
    this.queue.push({ id: this.#id(), createdAt, role: "function", callId: call.id, name: call.name, status, content });
    return status === "Failed" || args["request_heartbeat"] === true;
  }

  #execute(name: string, args: Record<string, unknown>): Result {
    const page = typeof args["page"] === "number" ? args["page"] : 0;
    switch (name) {
      case "core_memory_append":
        return this.#edit(this.human === "" ? word(args, "content") : `${this.human}\n${word(args, "content")}`);
      case "core_memory_replace": {
        const old = word(args, "old_content");
        if (old === "" || !this.human.includes(old)) return { status: "Failed", output: "Content not found in human" };
        const fresh = word(args, "new_content");
        if (fresh !== "") return this.#edit(this.human.split(old).join(fresh));
        // A line that goes as a whole takes its line break along.
        const inside = `\n${this.human}\n`.split(`\n${old}\n`).join("\n");
        return this.#edit(inside.slice(1, -1).split(old).join(""));
      }
      case "archival_memory_insert":
        this.archival.push({ day: this.day, text: word(args, "content") });
        return { status: "OK", output: "None" };
      case "archival_memory_search":
        return render(
          this.archival.filter(({ text }) => matches(text, word(args, "query"))),
          page,
        );
      case "conversation_search": {
        const query = word(args, "query");
        const time = onlyTimeOf(timedQuery(query, Date.parse(`${this.day}T12:00:00.000Z`)));
        const isThen = (day: string): boolean => {
          const noon = Date.parse(`${day}T12:00:00.000Z`);
          return time !== undefined && time.from <= noon && noon < time.to;
        };
        return render(
          this.recall.filter(({ day, text }) => (time === undefined ? matches(text, query) : isThen(day))),
          page,
        );
      }
      default:
        return { status: "OK", output: "None" };
    }
  }

  #edit(value: string): Result {
    if (value.length > this.limit)
      return { status: "Failed", output: `Edit failed: Exceeds ${this.limit} character limit` };
    this.human = value;
    return { status: "OK", output: "None" };
  }

  #id(): string {
    this.#count += 1;
    return `message-${this.#count}`;
  }

  #time(): string {
    return `${this.day} 01:40:27 AM UTC+0000`;
  }
}

/** Runs one inference to its end, checking that the pieces make up the whole. */
export async function complete(llm: PracticeLlm, context: MainContext, signal?: AbortSignal): Promise<Completion> {
  const stream = llm.complete({ context, maxTokens: 500, signal });
  let content = "";
  const args: string[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) {
      expect(content).toBe(value.content);
      expect(args).toEqual(value.calls.map((call) => call.arguments));
      return value;
    }
    if (value.type === "content") content += value.text;
    else if (value.type === "call") args[value.index] = (args[value.index] ?? "") + value.arguments;
  }
}

function schema(name: string): FunctionSchema {
  return { name, description: "", parameters: {} };
}

function word(args: Record<string, unknown>, key: string): string {
  const value = args[key];
  return typeof value === "string" ? value : "";
}

/** Quoted text must stand in it; of the other words one must, by its first letters. */
function matches(text: string, query: string): boolean {
  const held = text.toLowerCase();
  const phrases = [...query.matchAll(/"([^"]+)"/g)].map(([, phrase = ""]) => phrase.toLowerCase());
  const words = query
    .replace(/\?$/, "")
    .replace(/"[^"]*"/g, " ")
    .toLowerCase()
    .split(/\s+/)
    .filter((part) => part !== "");
  if (!phrases.every((phrase) => held.includes(phrase))) return false;
  return words.length === 0 || phrases.length > 0 || words.some((part) => held.includes(part.slice(0, 4)));
}

function render(found: readonly Item[], page: number): Result {
  if (found.length === 0) return { status: "OK", output: "No results found." };
  const shown = found.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
  const pages = Math.ceil(found.length / PAGE_SIZE);
  const items = shown.map(
    ({ day, speaker, text }) =>
      `timestamp: ${day} 01:56:00 PM UTC+0000, ${speaker === undefined ? "memory: " : `${speaker} - `}${text}`,
  );
  return {
    status: "OK",
    output: `Showing ${shown.length} of ${found.length} results (page ${page + 1}/${pages}): ${JSON.stringify(items)}`,
  };
}
