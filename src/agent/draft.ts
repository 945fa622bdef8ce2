import type { FunctionField, StepDraft } from "../functions/effects.ts";
import { cutMessage } from "../memory/queue.ts";
import type { AgentEvent } from "../schema/events.ts";
import type { Message } from "../schema/message.ts";
import type { EmbeddedPassage } from "../schema/passage.ts";
import type { Held } from "../schema/quarantine.ts";
import type { AgentState } from "../schema/state.ts";

/** What a step has produced so far. Nothing is stored before the step is finished. */
export class Draft implements StepDraft {
  readonly messages: Message[] = [];
  readonly passages: EmbeddedPassage[] = [];
  /** Writes to memory that a person must review first. */
  readonly held: Held[] = [];
  readonly events: AgentEvent[] = [];
  readonly said: string[] = [];
  /** Texts that the person agreed to have erased. */
  readonly erased: string[] = [];
  failed = false;
  heartbeat = false;
  /** Whether a call waits for `answerCalls`. */
  waiting = false;
  #state: AgentState;
  readonly #mostTokens: number;

  /** @param mostTokens Size limit of one item of the queue. */
  constructor(state: AgentState, mostTokens: number) {
    this.#state = state;
    this.#mostTokens = mostTokens;
  }

  get state(): AgentState {
    return this.#state;
  }

  /** Replaces any fields of the state, even those that functions may not change. */
  update(fields: Partial<AgentState>): void {
    this.#state = { ...this.#state, ...fields };
  }

  set(fields: Partial<Pick<AgentState, FunctionField>>): void {
    this.update(fields);
  }

  /** Appends a message: whole to recall, cut to fit to the queue. @returns whether it had to be cut. */
  push(message: Message): boolean {
    const shown = cutMessage(message, this.#mostTokens / cautious(this.#state));
    this.messages.push(message);
    this.update({ queue: [...this.#state.queue, shown] });
    return shown !== message;
  }

  /** Replaces the queue's messages with the same ids. */
  rewrite(messages: readonly Message[]): void {
    const byId = new Map(messages.map((message) => [message.id, message]));
    const queue = this.#state.queue.map((shown) => {
      const message = byId.get(shown.id);
      return message === undefined ? shown : cutMessage(message, this.#mostTokens / cautious(this.#state));
    });
    this.update({ queue });
  }

  say(text: string): void {
    this.said.push(text);
    this.report({ type: "assistant_message", text });
  }

  insert(passages: readonly EmbeddedPassage[]): void {
    this.passages.push(...passages);
  }

  erase(text: string): void {
    this.erased.push(text);
  }

  report(event: AgentEvent): void {
    this.events.push(event);
  }
}

/**
 * Tokens per estimated token of new text. At least 1, because it may be of another kind than the text that the provider has
 * counted so far.
 */
export function cautious({ pressure: { calibration } }: AgentState): number {
  return Math.max(1, calibration);
}
