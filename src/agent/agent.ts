import type { Llm } from "../ports/llm.ts";
import type { PassageReader } from "../ports/archival.ts";
import type { AgentEvent, InputEvent } from "../schema/events.ts";
import type { AgentState } from "../schema/state.ts";
import type { CheckpointEntry, MemoryChange, Popped, Undone } from "../schema/timeline.ts";
import { AgentEditor } from "./agent-editor.ts";
import type { CallAnswer } from "./answer-calls.ts";
import {
  type LoadOptions,
  type RetryOptions,
  type SendOptions,
  type SummarizeOptions,
  callAnswers,
  checkCheckpointName,
  checkEvent,
  embedSaidOptions,
  excerpt,
  loadOptions,
  retryOptions,
  sendOptions,
  summarizeOptions,
} from "./arguments.ts";
import * as commands from "./commands.ts";
import type { AgentParts } from "./deps.ts";
import type { EmbedSaidOptions } from "./embed-said.ts";
import type { TurnWishes } from "./equipment.ts";
import { aCount, aText, expectArguments, nullable } from "./expect.ts";
import { type TurnOptions, turn } from "./one-turn.ts";
import { HEARTBEAT_REASONS } from "./pack.ts";
import { screenedEvent, screenedText, screenedWrite } from "./screening.ts";
import { Session } from "./session.ts";

export type AgentOptions = {
  readonly state: AgentState;
  readonly parts: AgentParts;
  /** The model of `state` (default: created on first use). */
  readonly llm?: Llm | undefined;
  /** Whether a checkpoint of `state` exists. */
  readonly isSaved: boolean;
  /** Whether to check the form of a brand-new agent's first answer. */
  readonly verify: boolean;
  /** Releases the agent's lock and database. */
  readonly release: () => Promise<void>;
  /** What was found and repaired when the agent was opened; the first turn reports it. */
  readonly notices: readonly string[];
};

/** An open agent. Opening it took its lock, so it is the only one of its name. */
export class Agent extends AgentEditor {
  readonly #verify: boolean;
  readonly #release: () => Promise<void>;
  #notices: readonly string[];

  constructor({ state, parts, llm, isSaved, verify, release, notices }: AgentOptions) {
    super(new Session(parts, state, { llm, isSaved }));
    this.#verify = verify;
    this.#release = release;
    this.#notices = [...notices, ...missingFunctions(state, parts)];
  }

  /**
   * Notices for a person that no turn has reported: what was repaired when the agent was opened, and, after `close`, what
   * failed since.
   */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /**
   * Runs one turn: steps follow one another while the agent asks for heartbeats, then the agent yields.
   *
   * A finished step is kept even if a later one throws, or if the caller stops iterating; an unfinished one leaves no
   * trace. Steps are on disk when their events arrive. The checkpoint of a turn is written after it; `save`, `close` and
   * whatever reads checkpoints wait for it.
   *
   * `options.secrets`, or else the setting `secrets`, decides whether keys, tokens, card numbers and seed phrases in a person's
   * message are redacted before it is stored or sent to a model; a notice names their kinds.
   *
   * The model may also call the functions of `options.deferred`. Those, and the agent's own functions named in
   * `options.approve`, do not run: the turn ends with the outcome `waiting` and continues with `answerCalls`.
   * `options.maxSteps` and `options.answeredBy` apply to this turn only.
   *
   * @throws MemGPTError `agent_busy` if a turn is already running, `invalid_input` if the message is empty,
   *   `interrupted` if `signal` is aborted, and what the model or the storage throw, unchanged.
   */
  async *send(input: string | InputEvent, options: SendOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    const event: InputEvent = typeof input === "string" ? { type: "user_message", message: input } : input;
    this.session.assertIdle();
    checkEvent(event);
    expectArguments({ options: [options, sendOptions] });
    yield* this.session.exclusivelyYielding(options.signal, (stop) => this.#screenedTurn(event, options, stop));
  }

  /** Sends a message and waits. @returns the agent's reply, or null if it said nothing. @throws as `send` does. */
  async ask(message: string, options: SendOptions = {}): Promise<string | null> {
    expectArguments({ message: [message, aText] });
    let reply: string | null = null;
    for await (const event of this.send(message, options)) if (event.type === "turn_end") reply = event.reply;
    return reply;
  }

  /**
   * Reverts the person's last message in context, or the one with the id `from`, and everything after it, then sends it again,
   * or `message` in its place. One undo brings all of it back. The first event is `popped`, the rest is a turn. If no step of
   * that turn finishes, nothing changes.
   *
   * @throws MemGPTError `not_found` if that message, or any message of the person, is not in context; as `send` does.
   */
  async *retry(options: RetryOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    this.session.assertIdle();
    expectArguments({ options: [options, retryOptions] });
    const { message, id, from, signal, secrets = this.session.parts.secrets } = options;
    const text =
      message === undefined
        ? await commands.spokenMessage(this.session, from)
        : (await screenedText(message, secrets)).text;
    if (text === undefined) throw commands.noMessage(this.state);
    checkEvent({ type: "user_message", message: text });
    yield* this.session.exclusivelyYielding(signal, (stop) =>
      commands.retry(this.session, { text, id, from }, (event, action) =>
        this.#turn(event, { action, stop, ...options }),
      ),
    );
  }

  /**
   * Answers waiting calls. The agent continues once no other call of the same message is waiting. The answers are stored at
   * once; one undo reverts them along with their consequences.
   *
   * @throws MemGPTError `not_found` for a call that is not waiting; as `send` does.
   */
  async *answerCalls(
    answers: readonly CallAnswer[],
    options: SendOptions = {},
  ): AsyncGenerator<AgentEvent, void, void> {
    this.session.assertIdle();
    expectArguments({ answers: [answers, callAnswers], options: [options, sendOptions] });
    const event: InputEvent = { type: "heartbeat", reason: HEARTBEAT_REASONS.answered };
    const action = this.session.action(answers.length === 1 ? "the answer to a call" : "the answers to calls");
    yield* this.session.exclusivelyYielding(options.signal, (stop) =>
      this.#turn(event, { action, stop, answers, ...options }),
    );
  }

  /**
   * Removes the newest `count` messages from context and recall, and reverts what they wrote to core and archival memory. A
   * call goes together with its return. Pops fewer if fewer are left.
   *
   * @throws MemGPTError `invalid_input` if `count` is not a whole number above 0.
   */
  async pop(count = 3): Promise<Popped> {
    expectArguments({ count: [count, aCount] });
    return this.session.exclusively((session) => commands.pop(session, count));
  }

  /**
   * Reverts the last `count` turns and commands, memory included, or all if there are fewer.
   *
   * @throws MemGPTError `invalid_input` if `count` is not a whole number above 0.
   */
  async undo(count = 1): Promise<Undone> {
    expectArguments({ count: [count, aCount] });
    return this.session.exclusively((session) => commands.undo(session, count));
  }

  /** Reverts the last undo, unless something was done since. */
  async redo(): Promise<Undone> {
    return this.session.exclusively(commands.redo);
  }

  /**
   * Embeds the messages that have no vector yet, which otherwise happens between turns. Does nothing if the agent's embedder
   * is not a semantic one.
   *
   * @throws MemGPTError as the embedder does; `interrupted` if `signal` is aborted. What was embedded is kept.
   */
  async embedSaid(options: EmbedSaidOptions = {}): Promise<void> {
    expectArguments({ options: [options, embedSaidOptions] });
    await this.session.embedSaid(options);
  }

  /**
   * Resolves when the checkpoint of the last turn or command is on disk. Checkpoints are written even without this call.
   *
   * @throws MemGPTError `storage_failed` if it cannot be written: the database still has everything.
   */
  async save(): Promise<void> {
    await this.session.saving.settled(this.session.state);
  }

  /** Writes a checkpoint that is kept for good. @throws MemGPTError `invalid_input` for an invalid name. */
  async checkpoint(name: string | null = null): Promise<CheckpointEntry> {
    expectArguments({ name: [name, nullable(aText)] });
    const typed = name === null ? null : checkCheckpointName(name);
    return this.session.exclusively(async (session) => {
      const checked = typed === null ? null : await screenedWrite(typed, session.parts);
      const file = await session.saving.write(session.state, { name: checked, kept: true });
      const { state, ...entry } = await session.parts.checkpoints.find(file);
      return entry;
    });
  }

  /**
   * Goes to an earlier or later checkpoint, memory and searches included.
   *
   * @param which A name, a number in the list, a file, or a time, which selects the newest at or before it.
   * @param options.edited Accepts a file that was edited by hand, whose checksum is therefore wrong.
   * @throws MemGPTError `not_found`, listing the checkpoints; `storage_failed` if it is damaged or from a newer program.
   */
  async loadCheckpoint(
    which: string,
    options: LoadOptions = {},
  ): Promise<{ checkpoint: CheckpointEntry; change: MemoryChange }> {
    expectArguments({ which: [which, aText], options: [options, loadOptions] });
    return this.session.exclusively((session) => commands.loadCheckpoint(session, which, options));
  }

  /** Sets how many of the newest automatic checkpoints are kept; older ones thin out. @returns how many were removed. */
  async keepCheckpoints(count: number): Promise<number> {
    expectArguments({ count: [count, aCount] });
    return this.session.exclusively((session) => commands.keepCheckpoints(session, count));
  }

  /** Flushes the queue now: a summary replaces the oldest messages, which stay in recall. Can be undone. */
  async *summarize(options: SummarizeOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    expectArguments({ options: [options, summarizeOptions] });
    const { hint, signal } = options;
    yield* this.session.exclusivelyYielding(signal, (stop) => commands.summarize(this.session, hint, stop));
  }

  /**
   * Starts over: empties recall and archival storage and resets core memory to the persona and human files. Model, prompt and
   * functions stay. Can be undone.
   *
   * @throws MemGPTError `not_found` if one of the files is missing.
   */
  async wipe(): Promise<MemoryChange> {
    return this.session.exclusively(commands.wipe);
  }

  /**
   * Saves and closes the agent, interrupting a running turn. Closing twice is harmless. A checkpoint that cannot be written
   * only adds a notice, because the database has everything.
   */
  async close(): Promise<void> {
    await this.session.close(this.#release);
    const { saving, parts, noticesDelivered } = this.session;
    this.#notices = [...this.#notices, ...parts.notices.all.slice(noticesDelivered), ...saving.notices()];
  }

  async *#screenedTurn(
    event: InputEvent,
    { secrets = this.session.parts.secrets, ...wishes }: SendOptions,
    stop: AbortSignal,
  ): AsyncGenerator<AgentEvent, void, void> {
    const screened = yield* screenedEvent(event, secrets);
    const action = this.session.action(labelOf(screened));
    yield* this.#turn(screened, { action, stop, ...wishes });
  }

  #turn(
    event: InputEvent,
    { action, stop, answers, ...wishes }: Pick<TurnOptions, "action" | "stop" | "answers"> & TurnWishes,
  ): AsyncGenerator<AgentEvent, void, void> {
    const notices = this.#notices;
    this.#notices = [];
    return turn(this.session, event, { action, verify: this.#verify, notices, stop, wishes, answers });
  }
}

/** The methods of an open agent, whether it is open in this process or on a server. */
export type AgentInterface = Omit<Agent, "archival"> & { readonly archival: PassageReader };

/** A notice about functions that the agent has but this program lacks. */
function missingFunctions({ name, functions }: AgentState, { functions: registry }: AgentParts): string[] {
  const { missing } = registry.select(functions);
  if (missing.length === 0) return [];
  const [what, them] = missing.length === 1 ? ["a function", "it"] : ["functions", "them"];
  return [
    `${name} has ${what} that this program lacks: ${missing.join(", ")}. The agent works without ${them}; ` +
      `/remove_function NAME removes ${them} for good.`,
  ];
}

/** The name of a turn, as shown to people, by the event that began it. */
function labelOf(event: InputEvent): string {
  switch (event.type) {
    case "user_message":
      return `turn ${excerpt(event.message)}`;
    case "login":
      return "the greeting";
    case "heartbeat":
      return "the heartbeat";
    case "system_alert":
      return "the system alert";
  }
}
