import { type Completion, type Llm, type LlmDelta, type LlmRequest, type MainContext, LlmError } from "memgpt";
import { envelopeText } from "../../src/memory/envelope.ts";

/** One answer of the model: a thought, and the calls beside it. */
export type Answer = {
  readonly thought: string | null;
  readonly calls: readonly { readonly name: string; readonly args: Readonly<Record<string, unknown>> }[];
};

/**
 * What a message can ask for, and in how many steps it is done. A message is a word of its own, one of these, and their
 * arguments: `word3x remember human`.
 */
export const VERBS = [
  "plain",
  "terse",
  "twice",
  "remember",
  "note",
  "archive",
  "file",
  "replace",
  "everything",
] as const;

/** How the model ends a turn early: with its answer number `after` given, the next is not. */
export type Trouble = { readonly after: number; readonly how: "fail" | "abort" };

/**
 * A model that does what the newest message of the person says, each time in other words, and writes down what it
 * answered. Everything follows from the context and from how often it was asked.
 */
export class ObedientLlm implements Llm {
  readonly model = "obedient";
  readonly #answers: Answer[] = [];
  #words = 0;
  #trouble: Trouble | undefined;
  #controller = new AbortController();

  /** A word that was never used before. It looks like an identifier, so that searches take it exactly. */
  word(kind: string): string {
    return `${kind}${(this.#words += 1)}x`;
  }

  /** Before a turn. @returns the signal to hand to it. */
  begin(trouble: Trouble | undefined): AbortSignal {
    this.#answers.length = 0;
    this.#trouble = trouble;
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  /** What was answered since `begin`, summaries left out. */
  get answers(): readonly Answer[] {
    return [...this.#answers];
  }

  async *complete({ context, signal }: LlmRequest): AsyncGenerator<LlmDelta, Completion, void> {
    signal?.throwIfAborted();
    if (context.functions.length === 0) return completion({ thought: `We spoke. ${this.word("sum")}`, calls: [] });
    if (this.#trouble?.after === this.#answers.length) {
      if (this.#trouble.how === "fail") throw new LlmError("The model is away.");
      this.#controller.abort();
      signal?.throwIfAborted();
    }
    const answer = this.#answer(context);
    if (answer.thought !== null) yield { type: "content", text: answer.thought };
    this.#answers.push(answer);
    return completion(answer);
  }

  #answer({ queue }: MainContext): Answer {
    const at = queue.findLastIndex((message) => message.role === "user" && message.event === "user_message");
    const [, verb = "plain", label = "human", old = "nothing"] =
      envelopeText(queue[at]?.content ?? "")?.split(" ") ?? [];
    const steps = queue.slice(at + 1).filter((message) => message.role === "assistant").length;
    return (this.#plan(verb, label, old)[steps] ?? (() => this.#reply()))();
  }

  #plan(verb: string, label: string, old: string): readonly (() => Answer)[] {
    const append = (name: string) => ({ name: "core_memory_append", args: { name, content: this.word("fact") } });
    const insert = () => ({ name: "archival_memory_insert", args: { content: `Kept: ${this.word("kept")}.` } });
    const replace = () => ({
      name: "core_memory_replace",
      args: { name: label, old_content: old, new_content: this.word("fact") },
    });
    switch (verb) {
      case "terse":
        return [() => ({ ...this.#reply(), thought: null })];
      case "twice":
        return [() => this.#reply(this.#say())];
      case "remember":
        return [() => this.#reply(append(label))];
      case "note":
        return [() => this.#work(append(label))];
      case "archive":
        return [() => this.#reply(insert())];
      case "file":
        return [() => this.#work(insert())];
      case "replace":
        return [() => this.#reply(replace())];
      case "everything":
        return [
          () => this.#work(append("human"), append("persona"), insert(), insert()),
          () => this.#work(replace(), append(label)),
        ];
      default:
        return [];
    }
  }

  #say(): Answer["calls"][number] {
    return { name: "send_message", args: { message: `I hear: ${this.word("reply")}.` } };
  }

  #reply(...calls: Answer["calls"]): Answer {
    return { thought: `A thought of ${this.word("thought")}.`, calls: [...calls, this.#say()] };
  }

  /** Without a reply, asking for another step. */
  #work(...calls: Answer["calls"]): Answer {
    const asking = calls.map(({ name, args }) => ({ name, args: { ...args, request_heartbeat: true } }));
    return { thought: `First of all ${this.word("thought")}.`, calls: asking };
  }
}

function completion({ thought, calls }: Answer): Completion {
  return {
    content: thought,
    calls: calls.map(({ name, args }, index) => ({ id: `call_${index}`, name, arguments: JSON.stringify(args) })),
    usage: null,
    finishReason: calls.length > 0 ? "function_calls" : "stop",
  };
}
