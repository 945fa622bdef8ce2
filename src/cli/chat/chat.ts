import { type Agent, type AgentEvent, MemGPTError } from "../../index.ts";
import { askAboutSecrets } from "./ask-secrets.ts";
import { ChatRenderer } from "./chat-renderer.ts";
import { ChatTerminal } from "./chat-terminal.ts";
import { TIMED_HEARTBEAT, onIdle } from "../terminal/idle.ts";
import { IN_CHAT, errorText } from "../terminal/report-error.ts";
import type { SlashContext, SlashResult, SlashTurn } from "../slash/command.ts";
import { silentEnd } from "../slash/conversation-commands.ts";
import { completeSlash, leavingHint, runSlashCommand } from "../slash/dispatch.ts";
import { inShell } from "../slash/found.ts";
import { History } from "../terminal/history.ts";
import { LineEditor, type ReadOptions, type ReadResult } from "../terminal/line-editor.ts";

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
  /** What becomes of keys, tokens and the like in what is typed. */
  readonly secrets: "ask" | "keep" | "redact";
  /** How long nothing must have happened for the agent to be woken, in milliseconds; never, if absent. */
  readonly heartbeatEvery?: number;
};

const PRACTICE_LINES = [
  "It speaks through the built-in practice model: rule-based, offline, not a language model.",
  "Connect a real one: memgpt configure, or memgpt run --model NAME --model-endpoint URL.",
];

/** The chat in a terminal, until the person leaves or `signal` ends it. */
export async function chat(
  { agent, agents }: Pick<SlashContext, "agent" | "agents">,
  options: ChatOptions,
): Promise<void> {
  const renderer = new ChatRenderer(process.stdout, options);
  const practice = practiceLines(agent);
  renderer.lines([...options.lines, ...practice, "/help lists the commands.", ""]);
  const session = new ChatSession({ agent, agents }, renderer, options);
  try {
    await session.run();
    renderer.lines([`Everything is saved. Come back with: memgpt run --agent ${inShell(session.agentName)}`]);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}

/** What is said of a text that was not sent. */
const OFFERED =
  "Your text is back at the prompt: Enter sends it again, an arrow key lets you change it, typing replaces it.";
const NOT_OFFERED = "What you typed meanwhile is at the prompt; arrow up brings back your message.";

function practiceLines({ state }: Agent): readonly string[] {
  return state.settings.model === "practice" ? PRACTICE_LINES : [];
}

type Next = "leave" | "go_on";

class ChatSession {
  #agent: Agent;
  readonly #renderer: ChatRenderer;
  readonly #options: ChatOptions;
  readonly #editor: LineEditor;
  readonly #agents: SlashContext["agents"];
  readonly #terminal: ChatTerminal;
  #history: History;
  /** Text that the next prompt begins with: a message that was not sent. */
  #draft: string | undefined;
  /** When something was last said or done, in milliseconds since 1970. */
  #busyAt = Date.now();
  /** Why the last timed heartbeat failed: a model that stays away is told of once. */
  #heartbeatFailure: string | undefined;

  constructor({ agent, agents }: Pick<SlashContext, "agent" | "agents">, renderer: ChatRenderer, options: ChatOptions) {
    this.#agent = agent;
    this.#renderer = renderer;
    this.#options = options;
    const { historyFile, signal } = options;
    const complete = (line: string): string[] => completeSlash(line, { agent: this.#agent, agents });
    const history = new History(historyFile, agent.state.id);
    this.#history = history;
    this.#editor = new LineEditor({ input: process.stdin, output: process.stdout, history, complete });
    this.#agents = agents;
    this.#terminal = new ChatTerminal({ renderer, editor: this.#editor, signal });
  }

  get agentName(): string {
    return this.#agent.name;
  }

  async run(): Promise<void> {
    if (this.#options.first !== true) await this.#send(this.#turnOf({ type: "login" }));
    this.#busyAt = Date.now();
    let interrupts = 0;
    while (!this.#options.signal.aborted) {
      const result = await this.#readOrIdle();
      switch (result.type) {
        case "idle":
          await this.#timedHeartbeat();
          break;
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
      this.#busyAt = Date.now();
    }
  }

  /** The next line, or that it is time for a heartbeat: then nothing is typed, so nothing is lost. */
  async #readOrIdle(): Promise<ReadResult | { type: "idle" }> {
    const { heartbeatEvery: every, signal } = this.#options;
    const options = { prompt: this.#renderer.prompt("message") };
    if (every === undefined) return this.#read(options);
    const idle = new AbortController();
    const stop = onIdle(
      () => ({
        every,
        since: Math.max(this.#busyAt, this.#editor.lastKeyAt),
        typing: (this.#draft ?? this.#editor.text) !== "",
        pausedUntil: this.#agent.state.heartbeatsPausedUntil,
      }),
      () => {
        idle.abort();
      },
    );
    try {
      return await this.#read({ ...options, signal: AbortSignal.any([signal, idle.signal]) });
    } catch (error) {
      if (signal.aborted || !idle.signal.aborted) throw error;
      return { type: "idle" };
    } finally {
      stop();
    }
  }

  async #read(options: ReadOptions): Promise<ReadResult> {
    const initial = this.#draft;
    this.#draft = undefined;
    const offered = initial === undefined ? {} : { initial, isOffered: true, faint: this.#renderer.hasColor };
    return this.#editor.read({ signal: this.#options.signal, history: this.#history, ...offered, ...options });
  }

  async #line(text: string): Promise<Next> {
    if (text.trim() === "") {
      this.#renderer.lines(["Type a message, or /help."]);
      return "go_on";
    }
    const leaving = leavingHint(text);
    if (leaving !== undefined) {
      this.#renderer.lines([leaving]);
      return "go_on";
    }
    if (text.startsWith('"""') && !text.includes("\n")) return this.#multiline(text.slice(3));
    if (text.startsWith("/")) return this.#slash(text);
    await this.#say(text);
    return "go_on";
  }

  /** Sends a message, once it is decided what becomes of secrets in it. */
  async #say(text: string): Promise<void> {
    const { secrets: policy } = this.#options;
    const decided =
      policy === "ask"
        ? await askAboutSecrets(text, { terminal: this.#terminal, history: this.#history })
        : { text, secrets: policy };
    if (decided === undefined) this.#renderer.lines(["Not sent. Nothing was stored."]);
    else await this.#send(this.#messageOf(decided.text, decided.secrets));
  }

  /** Ctrl-C must not end the program in the middle of a command. */
  async #slash(text: string): Promise<Next> {
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    let result: SlashResult;
    try {
      result = await runSlashCommand(text, {
        agent: this.#agent,
        agents: this.#agents,
        terminal: this.#terminal,
      });
    } catch (error) {
      this.#options.signal.throwIfAborted();
      this.#renderer.error(errorText(error, this.#options.debug === true, IN_CHAT));
      return "go_on";
    } finally {
      process.off("SIGINT", ignore);
    }
    return this.#act(result);
  }

  async #act(result: SlashResult): Promise<Next> {
    switch (result.type) {
      case "print":
        if (result.text !== "") this.#renderer.text(result.text, result.asIs);
        return "go_on";
      case "turn":
        await this.#send(result);
        return "go_on";
      case "edit":
        return this.#edit(result);
      case "multiline":
        return this.#multiline(result.start);
      case "switch":
        await this.#switch(result);
        return "go_on";
      case "exit":
        return "leave";
    }
  }

  /** The agent before is closed only when the other is open. */
  async #switch({ agent, lines }: Extract<SlashResult, { type: "switch" }>): Promise<void> {
    const before = this.#agent;
    this.#agent = agent;
    this.#history = new History(this.#options.historyFile, agent.state.id);
    this.#heartbeatFailure = undefined;
    await before.close();
    this.#renderer.lines([...lines, ...practiceLines(agent), ""]);
    if (this.#options.first !== true) await this.#send(this.#turnOf({ type: "login" }));
  }

  async #edit({ text, submit }: Extract<SlashResult, { type: "edit" }>): Promise<Next> {
    this.#renderer.lines(["Change it and press Enter; Ctrl-C leaves everything as it is."]);
    const result = await this.#read({
      prompt: this.#renderer.prompt("edit"),
      initial: text,
      isOffered: false,
      cancellable: true,
    });
    if (result.type === "line" && result.text.trim() !== "") return this.#act(submit(result.text));
    this.#renderer.lines(["Nothing was changed."]);
    return "go_on";
  }

  async #multiline(start: string): Promise<Next> {
    this.#renderer.lines(['Several lines: a line with only """ sends them, Ctrl-C drops them.']);
    const initial = start === "" ? {} : { initial: start, isOffered: false };
    const result = await this.#read({ prompt: this.#renderer.prompt("lines"), multiline: true, ...initial });
    if (result.type === "line" && result.text.trim() !== "") await this.#say(result.text);
    return result.type === "eof" ? "leave" : "go_on";
  }

  #messageOf(message: string, secrets: "keep" | "redact"): SlashTurn {
    return { ...this.#turnOf({ type: "user_message", message }, secrets), draft: message };
  }

  #turnOf(input: Parameters<Agent["send"]>[0], secrets?: "keep" | "redact"): SlashTurn {
    return { type: "turn", run: ({ signal }) => this.#agent.send(input, { signal, secrets }) };
  }

  /** A heading only where something comes of it: an agent whose model is away should not fill the screen. */
  async #timedHeartbeat(): Promise<void> {
    const heartbeat = this.#turnOf({ type: "heartbeat", reason: TIMED_HEARTBEAT });
    const turn: SlashTurn = { ...heartbeat, after: silentEnd };
    let failure: string | undefined;
    const onError = (error: unknown): boolean => {
      if (isStop(error)) return true;
      failure = errorText(error, this.#options.debug === true, IN_CHAT);
      return failure !== this.#heartbeatFailure;
    };
    await this.#send(turn, { heading: "Timed heartbeat.", onError });
    this.#heartbeatFailure = failure;
  }

  /**
   * Shows one turn, or what else takes a while. Ctrl-C stops it; if nothing of it was kept, the prompt has its text again.
   *
   * @param heading what is said when the first thing worth showing comes.
   * @param onError says whether an error is to be shown.
   */
  async #send(
    turn: SlashTurn,
    { heading, onError }: { heading?: string; onError?: (error: unknown) => boolean } = {},
  ): Promise<void> {
    const interrupt = new AbortController();
    const onInterrupt = (): void => {
      interrupt.abort();
    };
    process.on("SIGINT", onInterrupt);
    const release = this.#editor.hold();
    const events: AgentEvent[] = [];
    let headed = heading === undefined;
    const head = (): void => {
      if (!headed && heading !== undefined) this.#renderer.lines([heading]);
      headed = true;
    };
    try {
      this.#renderer.wait(turn.waiting);
      const signal = AbortSignal.any([interrupt.signal, this.#options.signal]);
      for await (const event of turn.run({ signal })) {
        if (event.type !== "turn_start" && event.type !== "step_start") head();
        events.push(event);
        this.#renderer.event(event);
      }
      const said = turn.after?.(events);
      if (said !== undefined) this.#renderer.lines([said]);
    } catch (error) {
      this.#renderer.stop();
      if (this.#options.signal.aborted) throw error;
      if (onError?.(error) === false) return;
      head();
      this.#stopped(error, turn, events);
    } finally {
      this.#renderer.stop();
      release();
      process.off("SIGINT", onInterrupt);
    }
    const { used, window } = this.#agent.context();
    this.#renderer.status({ model: this.#agent.state.settings.model, used, window });
  }

  /** Says what became of a turn that did not come to its end. */
  #stopped(error: unknown, { untouched, draft }: SlashTurn, events: readonly AgentEvent[]): void {
    // Not whether the agent is another: old messages may have left its context before the first step.
    const kept = events.some((event) => event.type === "step_end");
    if (isStop(error)) this.#renderer.lines([kept ? error.message : "Stopped. Nothing of it was kept."]);
    else this.#renderer.error(errorText(error, this.#options.debug === true, IN_CHAT));
    if (kept) return;
    // What was typed meanwhile is at the prompt then.
    const isOffered = draft !== undefined && !this.#editor.hasTypedAhead;
    this.#draft = isOffered ? draft : undefined;
    if (untouched !== undefined) this.#renderer.lines([untouched]);
    if (draft !== undefined) this.#renderer.lines([isOffered ? OFFERED : NOT_OFFERED]);
  }
}

function isStop(error: unknown): error is MemGPTError {
  return error instanceof MemGPTError && error.code === "interrupted";
}
