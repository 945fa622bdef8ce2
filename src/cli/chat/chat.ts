import type { Agent } from "../../index.ts";
import { type ConsentDesk, askConsent } from "./ask-consent.ts";
import { decideAboutSecrets, screenTyped } from "./ask-secrets.ts";
import { ChatRenderer } from "./chat-renderer.ts";
import { ChatTerminal } from "./chat-terminal.ts";
import { TIMED_HEARTBEAT, onIdle } from "../terminal/idle.ts";
import { IN_CHAT, errorText } from "../terminal/report-error.ts";
import type { SlashContext, SlashResult, SlashTurn } from "../slash/command.ts";
import { silentEnd } from "../slash/conversation-commands.ts";
import { completeSlash, exitHint, runSlashCommand } from "../slash/dispatch.ts";
import { shellWord } from "../terminal/shell-word.ts";
import { History } from "../terminal/history.ts";
import { keptText } from "./kept-text.ts";
import { LineEditor, type ReadOptions, type ReadResult } from "../terminal/line-editor.ts";
import { TurnRunner, isStop } from "./turn-runner.ts";
import { withMentionedFiles } from "./mentioned-files.ts";

export type ChatOptions = {
  /** Shown first: which agent this is and how it was chosen. */
  readonly lines: readonly string[];
  readonly historyFile: string;
  /** The server that the agents are on, if not this machine. */
  readonly server?: string;
  /** Ends the session. The agent keeps its last finished step. */
  readonly signal: AbortSignal;
  readonly first?: boolean;
  readonly debug?: boolean;
  readonly stripUi?: boolean;
  readonly stream: boolean;
  /** What to do with keys, tokens and other secrets in messages. */
  readonly secrets: "ask" | "keep" | "redact";
  /** Where the agents of this session ask for consent. */
  readonly desk?: ConsentDesk | undefined;
  /** Milliseconds of silence after which to wake the agent (default: never). */
  readonly heartbeatEvery?: number;
};

const PRACTICE_LINES = [
  "It uses the built-in practice model: rule-based, offline, not a language model.",
  "Connect a real one: memgpt configure, or memgpt run --model NAME --model-endpoint URL.",
];

/** The chat in a terminal, until the person exits or `signal` ends it. */
export async function chat(
  { agent, agents }: Pick<SlashContext, "agent" | "agents">,
  options: ChatOptions,
): Promise<void> {
  const renderer = new ChatRenderer(process.stdout, options);
  const practice = practiceLines(agent, options);
  renderer.lines([...options.lines, ...practice, "/help lists the commands.", ""]);
  const session = new ChatSession({ agent, agents }, renderer, options);
  try {
    await session.run();
    const server = options.server === undefined ? "" : ` --server ${shellWord(options.server)}`;
    renderer.lines([`${session.ending} Come back with: memgpt run${server} --agent ${shellWord(session.agentName)}`]);
  } catch (error) {
    if (!options.signal.aborted) throw error;
  }
}

function practiceLines({ state }: Agent, { server }: Pick<ChatOptions, "server">): readonly string[] {
  if (state.settings.model !== "practice") return [];
  // The server's operator chooses its model.
  return server === undefined ? PRACTICE_LINES : PRACTICE_LINES.slice(0, 1);
}

/** The lines typed to an agent. In an incognito session they stay in memory. */
function historyOf({ isIncognito, state }: Agent, file: string): History {
  return isIncognito ? new History() : new History(file, state.id);
}

type Next = "exit" | "continue";

class ChatSession {
  #agent: Agent;
  readonly #renderer: ChatRenderer;
  readonly #options: ChatOptions;
  readonly #editor: LineEditor;
  readonly #agents: SlashContext["agents"];
  readonly #terminal: ChatTerminal;
  readonly #turns: TurnRunner;
  #history: History;
  /** Text for the next prompt: a message that was not sent. */
  #draft: string | undefined;
  /** Time of the last activity, in milliseconds since 1970. */
  #busyAt = Date.now();
  /** Why the last timed heartbeat failed, so that a lasting failure is reported once. */
  #heartbeatFailure: string | undefined;

  constructor({ agent, agents }: Pick<SlashContext, "agent" | "agents">, renderer: ChatRenderer, options: ChatOptions) {
    this.#agent = agent;
    this.#renderer = renderer;
    this.#options = options;
    const { historyFile, signal } = options;
    const complete = (line: string): string[] => completeSlash(line, { agent: this.#agent, agents });
    const history = historyOf(agent, historyFile);
    this.#history = history;
    this.#editor = new LineEditor({ input: process.stdin, output: process.stdout, history, complete });
    this.#agents = agents;
    this.#terminal = new ChatTerminal({ renderer, editor: this.#editor, signal });
    this.#turns = new TurnRunner({ renderer, editor: this.#editor, debug: options.debug === true, signal });
    options.desk?.open((request) => this.#turns.paused(() => askConsent(request, this.#terminal)));
  }

  /** Whether the session was stored, in words. */
  get ending(): string {
    return keptText(this.#agent);
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
          this.#renderer.lines([`Press Ctrl-C again to exit, or Ctrl-D. ${this.ending}`]);
          break;
        case "line":
          interrupts = 0;
          if ((await this.#line(result.text)) === "exit") return;
      }
      this.#busyAt = Date.now();
    }
  }

  /** The next line, or "idle" when a heartbeat is due. That happens only at an empty prompt, so no input is lost. */
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
      return "continue";
    }
    const hint = exitHint(text);
    if (hint !== undefined) {
      this.#renderer.lines([hint]);
      return "continue";
    }
    if (text.startsWith('"""') && !text.includes("\n")) return this.#multiline(text.slice(3));
    if (text.startsWith("/")) return this.#slash(text);
    await this.#say(text);
    return "continue";
  }

  /** Sends a message after deciding what to do with secrets in it. */
  async #say(typed: string): Promise<void> {
    const { text, notes } = await withMentionedFiles(typed);
    if (notes.length > 0) this.#renderer.lines(notes);
    const asking = { secrets: this.#options.secrets, terminal: this.#terminal, history: this.#history };
    const decided = await decideAboutSecrets({ text, typed }, asking);
    if (decided === undefined) this.#renderer.lines(["Not sent. Nothing was stored."]);
    else await this.#send(this.#messageOf(decided.text, decided.secrets, decided.text === text ? typed : decided.text));
  }

  /** Runs a slash command. Ctrl-C must not end the program in the middle of it. */
  async #slash(text: string): Promise<Next> {
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    let result: SlashResult;
    try {
      await screenTyped(text, this.#options.secrets, this.#history);
      result = await runSlashCommand(text, {
        agent: this.#agent,
        agents: this.#agents,
        terminal: this.#terminal,
      });
    } catch (error) {
      this.#options.signal.throwIfAborted();
      this.#renderer.error(errorText(error, this.#options.debug === true, IN_CHAT));
      return "continue";
    } finally {
      process.off("SIGINT", ignore);
    }
    return this.#act(result);
  }

  async #act(result: SlashResult): Promise<Next> {
    switch (result.type) {
      case "print":
        if (result.text !== "") this.#renderer.text(result.text, result.asIs);
        return "continue";
      case "turn":
        await this.#send(result);
        return "continue";
      case "edit":
        return this.#edit(result);
      case "multiline":
        return this.#multiline(result.start);
      case "switch":
        await this.#switch(result);
        return "continue";
      case "exit":
        return "exit";
    }
  }

  /** Closes the previous agent only once the other is open. */
  async #switch({ agent, lines }: Extract<SlashResult, { type: "switch" }>): Promise<void> {
    const before = this.#agent;
    this.#agent = agent;
    this.#history = historyOf(agent, this.#options.historyFile);
    this.#heartbeatFailure = undefined;
    await before.close();
    this.#renderer.lines([...lines, ...practiceLines(agent, this.#options), ""]);
    if (this.#options.first !== true) await this.#send(this.#turnOf({ type: "login" }));
  }

  async #edit({ text, submit }: Extract<SlashResult, { type: "edit" }>): Promise<Next> {
    this.#renderer.lines(["Edit it and press Enter; Ctrl-C cancels."]);
    const result = await this.#read({
      prompt: this.#renderer.prompt("edit"),
      initial: text,
      isOffered: false,
      cancellable: true,
    });
    if (result.type === "line" && result.text.trim() !== "") {
      await screenTyped(result.text, this.#options.secrets, this.#history);
      return this.#act(submit(result.text));
    }
    return this.#act({ type: "print", text: "Nothing was changed." });
  }

  async #multiline(start: string): Promise<Next> {
    this.#renderer.lines(['Several lines: a line with only """ sends them, Ctrl-C cancels.']);
    const initial = start === "" ? {} : { initial: start, isOffered: false };
    const result = await this.#read({ prompt: this.#renderer.prompt("lines"), multiline: true, ...initial });
    if (result.type === "line" && result.text.trim() !== "") await this.#say(result.text);
    return result.type === "eof" ? "exit" : "continue";
  }

  #messageOf(message: string, secrets: "keep" | "redact", draft: string): SlashTurn {
    return { ...this.#turnOf({ type: "user_message", message }, secrets), draft };
  }

  #turnOf(input: Parameters<Agent["send"]>[0], secrets?: "keep" | "redact"): SlashTurn {
    return { type: "turn", run: ({ signal }) => this.#agent.send(input, { signal, secrets }) };
  }

  /** Wakes the agent. A heartbeat without visible effect shows nothing, so that a failing model does not fill the screen. */
  async #timedHeartbeat(): Promise<void> {
    const heartbeat = this.#turnOf({ type: "heartbeat", reason: TIMED_HEARTBEAT });
    const turn: SlashTurn = { ...heartbeat, after: silentEnd };
    let failure: string | undefined;
    const onError = (error: unknown): boolean => {
      if (isStop(error)) return true;
      failure = errorText(error, this.#options.debug === true, IN_CHAT);
      return failure !== this.#heartbeatFailure;
    };
    this.#draft = await this.#turns.run(this.#agent, turn, { heading: "Timed heartbeat.", onError });
    this.#heartbeatFailure = failure;
  }

  async #send(turn: SlashTurn): Promise<void> {
    this.#draft = await this.#turns.run(this.#agent, turn);
  }
}
