import { type Agent, type AgentEvent, MemGPTError } from "../../index.ts";
import type { SlashTurn } from "../slash/command.ts";
import type { LineEditor } from "../terminal/line-editor.ts";
import { IN_CHAT, errorText } from "../terminal/report-error.ts";
import type { ChatRenderer } from "./chat-renderer.ts";

const OFFERED =
  "Your text is back at the prompt: Enter sends it again, an arrow key lets you edit it, typing replaces it.";
const NOT_OFFERED = "What you typed meanwhile is at the prompt; arrow up brings back your message.";

type TurnRunnerOptions = {
  readonly renderer: ChatRenderer;
  readonly editor: LineEditor;
  readonly debug: boolean;
  /** Ends the session. */
  readonly signal: AbortSignal;
};

type RunOptions = {
  /** Shown before the first event worth showing. */
  readonly heading?: string;
  /** Decides whether to show an error. */
  readonly onError?: (error: unknown) => boolean;
};

/** Runs turns in the chat and shows them. Ctrl-C stops the running one. */
export class TurnRunner {
  readonly #options: TurnRunnerOptions;
  /** Releases the keyboard and Ctrl-C; undefined between turns. */
  #release: (() => void) | undefined;
  #hold: () => void = () => undefined;

  constructor(options: TurnRunnerOptions) {
    this.#options = options;
  }

  /** @returns the text for the next prompt, if nothing of the turn was kept. @throws once the session has ended. */
  async run(agent: Agent, turn: SlashTurn, { heading, onError }: RunOptions = {}): Promise<string | undefined> {
    const { renderer, editor, signal } = this.#options;
    const interrupt = new AbortController();
    const onInterrupt = (): void => {
      interrupt.abort();
    };
    this.#hold = () => {
      process.on("SIGINT", onInterrupt);
      const releaseKeys = editor.hold();
      this.#release = () => {
        releaseKeys();
        process.off("SIGINT", onInterrupt);
        this.#release = undefined;
      };
    };
    this.#hold();
    const events: AgentEvent[] = [];
    let headed = heading === undefined;
    const head = (): void => {
      if (!headed && heading !== undefined) renderer.lines([heading]);
      headed = true;
    };
    let draft: string | undefined;
    try {
      renderer.wait(turn.waiting);
      for await (const event of turn.run({ signal: AbortSignal.any([interrupt.signal, signal]) })) {
        if (event.type !== "turn_start" && event.type !== "step_start") head();
        events.push(event);
        renderer.event(event);
      }
      const closing = turn.after?.(events);
      if (closing !== undefined) renderer.lines([closing]);
    } catch (error) {
      renderer.stop();
      if (signal.aborted) throw error;
      if (onError?.(error) === false) return undefined;
      head();
      draft = this.#explain(error, turn, events);
    } finally {
      renderer.stop();
      this.#release?.();
    }
    const { used, window } = agent.context();
    renderer.status({ model: agent.state.settings.model, used, window, isIncognito: agent.isIncognito });
    return draft;
  }

  /** Asks the person something in the middle of a turn. */
  async paused<T>(ask: () => Promise<T>): Promise<T> {
    const isRunning = this.#release !== undefined;
    this.#options.renderer.stop();
    this.#release?.();
    try {
      return await ask();
    } finally {
      if (isRunning) {
        this.#hold();
        this.#options.renderer.wait();
      }
    }
  }

  /** Says why a turn did not finish, and what was kept. @returns the text for the next prompt. */
  #explain(error: unknown, { untouched, draft }: SlashTurn, events: readonly AgentEvent[]): string | undefined {
    const { renderer, editor, debug } = this.#options;
    // A changed state does not prove that a step was kept: a flush may have come before the first step.
    const kept = events.some((event) => event.type === "step_end");
    if (isStop(error)) renderer.lines([kept ? error.message : "Stopped. Nothing of it was kept."]);
    else renderer.error(errorText(error, debug, IN_CHAT));
    if (kept) return undefined;
    // Text typed during the turn takes the prompt instead.
    const isOffered = draft !== undefined && !editor.hasTypedAhead;
    if (untouched !== undefined) renderer.lines([untouched]);
    if (draft !== undefined) renderer.lines([isOffered ? OFFERED : NOT_OFFERED]);
    return isOffered ? draft : undefined;
  }
}

/** Whether the person stopped the turn. */
export function isStop(error: unknown): error is MemGPTError {
  return error instanceof MemGPTError && error.code === "interrupted";
}
