import { type Agent, type InputEvent, MemGPTError } from "../index.ts";
import { ChatRenderer } from "./chat-renderer.ts";
import { errorText } from "./report-error.ts";
import type { SlashResult } from "./slash/command.ts";
import { completeSlash, runSlashCommand } from "./slash/dispatch.ts";
import { History } from "./terminal/history.ts";
import { LineEditor, type ReadResult } from "./terminal/line-editor.ts";

export type ChatOptions = {
  /** What to say first: which agent this is and how it was chosen. */
  readonly lines: readonly string[];
  readonly historyFile: string;
  /** Ends the session; the agent is left as it is after the last finished step. */
  readonly signal: AbortSignal;
  readonly first?: boolean;
  readonly debug?: boolean;
  readonly stripUi?: boolean;
  readonly stream: boolean;
};

const PRACTICE_LINES = [
  "It speaks through the built-in practice model: rule-based, offline, not a language model.",
  "Connect a real one: memgpt run --model NAME --model-endpoint URL (a key goes in OPENAI_API_KEY).",
];

/** The chat in a terminal, until the person leaves or `signal` ends it. */
export async function chat(agent: Agent, options: ChatOptions): Promise<void> {
  const renderer = new ChatRenderer(process.stdout, options);
  const practice = agent.state.settings.model === "practice" ? PRACTICE_LINES : [];
  renderer.lines([...options.lines, ...practice, "/help lists the commands.", ""]);
  const session = new ChatSession(agent, renderer, options);
  try {
    await session.run();
    renderer.lines([
      `Everything is saved. Come back with: memgpt run --agent ${agent.name.includes(" ") ? JSON.stringify(agent.name) : agent.name}`,
    ]);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}

class ChatSession {
  readonly #agent: Agent;
  readonly #renderer: ChatRenderer;
  readonly #options: ChatOptions;
  readonly #editor: LineEditor;
  /** Text that the next prompt begins with: a message that was not sent. */
  #draft: string | undefined;

  constructor(agent: Agent, renderer: ChatRenderer, options: ChatOptions) {
    this.#agent = agent;
    this.#renderer = renderer;
    this.#options = options;
    const history = new History(options.historyFile);
    this.#editor = new LineEditor({ input: process.stdin, output: process.stdout, history, complete: completeSlash });
  }

  async run(): Promise<void> {
    if (this.#options.first !== true) await this.#turn({ type: "login" });
    let interrupts = 0;
    while (!this.#options.signal.aborted) {
      const result = await this.#read(false);
      switch (result.type) {
        case "eof":
          return;
        case "interrupt":
          interrupts += 1;
          if (interrupts > 1) return;
          this.#renderer.lines(["Ctrl-C again to leave, or Ctrl-D. Everything is saved."]);
          break;
        case "line":
          interrupts = 0;
          if ((await this.#line(result.text)) === "leave") return;
      }
    }
  }

  async #read(multiline: boolean): Promise<ReadResult> {
    const initial = this.#draft;
    this.#draft = undefined;
    const prompt = this.#renderer.prompt(multiline);
    const { signal } = this.#options;
    return this.#editor.read({ prompt, multiline, signal, ...(initial === undefined ? {} : { initial }) });
  }

  async #line(text: string): Promise<"leave" | "go_on"> {
    if (text.trim() === "") {
      this.#renderer.lines(["Type a message, or /help."]);
      return "go_on";
    }
    if (text.startsWith('"""') && !text.includes("\n")) return this.#multiline(text.slice(3));
    if (!text.startsWith("/")) {
      await this.#turn({ type: "user_message", message: text });
      return "go_on";
    }
    return this.#slash(text);
  }

  async #slash(text: string): Promise<"leave" | "go_on"> {
    let result: SlashResult;
    try {
      result = await runSlashCommand(text, { agent: this.#agent, width: this.#renderer.width });
    } catch (error) {
      this.#renderer.error(errorText(error, this.#options.debug === true));
      return "go_on";
    }
    switch (result.type) {
      case "print":
        this.#renderer.text(result.text);
        return "go_on";
      case "send":
        await this.#turn(result.event);
        return "go_on";
      case "multiline":
        return this.#multiline("");
      case "exit":
        return "leave";
    }
  }

  async #multiline(start: string): Promise<"leave" | "go_on"> {
    this.#renderer.lines(['Several lines: a line with only """ sends them, Ctrl-C drops them.']);
    if (start !== "") this.#draft = start;
    const result = await this.#read(true);
    if (result.type === "line" && result.text.trim() !== "") {
      await this.#turn({ type: "user_message", message: result.text });
    }
    return result.type === "eof" ? "leave" : "go_on";
  }

  /** One turn. Ctrl-C stops it; a message that nothing became of goes back to the prompt. */
  async #turn(input: InputEvent): Promise<void> {
    const interrupt = new AbortController();
    const onInterrupt = (): void => {
      interrupt.abort();
    };
    process.on("SIGINT", onInterrupt);
    // Not whether the agent is another: old messages may have left its context before the first step.
    let kept = false;
    try {
      const signal = AbortSignal.any([interrupt.signal, this.#options.signal]);
      for await (const event of this.#agent.send(input, { signal })) {
        if (event.type === "step_end") kept = true;
        this.#renderer.event(event);
      }
    } catch (error) {
      this.#renderer.stop();
      if (this.#options.signal.aborted) throw error;
      const stopped = error instanceof MemGPTError && error.code === "interrupted";
      if (stopped) this.#renderer.lines([kept ? error.message : "Stopped. Nothing of it was kept."]);
      else this.#renderer.error(errorText(error, this.#options.debug === true));
      if (!kept && input.type === "user_message") {
        this.#draft = input.message;
        this.#renderer.lines(["Your message is back at the prompt."]);
      }
    } finally {
      process.off("SIGINT", onInterrupt);
    }
    const { used, window } = this.#agent.context();
    this.#renderer.status({ model: this.#agent.state.settings.model, used, window });
  }
}
