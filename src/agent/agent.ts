import { peopleIn } from "../memory/people.ts";
import { frameOf, measure, total } from "../memory/main-context.ts";
import type { Llm } from "../ports/llm.ts";
import type { SectionTokens } from "../schema/context.ts";
import type { AgentEvent, InputEvent } from "../schema/events.ts";
import type { Spent } from "../schema/spent.ts";
import type { Message } from "../schema/message.ts";
import type { AgentState, Block } from "../schema/state.ts";
import type {
  Action,
  BlockChange,
  BlockEdit,
  CheckpointEntry,
  Explanation,
  MemoryChange,
  Popped,
  Undone,
} from "../schema/timeline.ts";
import type { ActionRef, ArchivalStorage, Journal, RecallStorage } from "../ports/storage.ts";
import {
  type LoadOptions,
  type RetryOptions,
  type SendOptions,
  type SummarizeOptions,
  addedPassages,
  agentOverrides,
  block,
  blockChanges,
  checkCheckpointName,
  checkEvent,
  excerpt,
  importedMessages,
  loadOptions,
  retryOptions,
  sendOptions,
  storageRules,
  summarizeOptions,
} from "./arguments.ts";
import * as commands from "./commands.ts";
import type { AgentOverrides, AgentParts } from "./deps.ts";
import { withFunction, withSystem, withoutFunction } from "./edit.ts";
import {
  aCount,
  aSet,
  aText,
  anObject,
  expectArguments,
  expecting,
  filledText,
  listOf,
  nullable,
  optional,
} from "./expect.ts";
import { type FindResult, type Finding, find } from "./find.ts";
import { type FindAllResult, findAll } from "./find-all.ts";
import type { FindAllRequest, FindRequest } from "./find-request.ts";
import { blockHistory } from "./history.ts";
import { type AddedPassage, type ImportedMessage, addHistory, addPassages, importMessages } from "./import.ts";
import type { Rewritten } from "./rewrite.ts";
import { Session } from "./session.ts";
import { explain } from "./why.ts";

/** How the context window of an agent is used, in tokens. */
export type ContextUse = {
  readonly window: number;
  readonly used: number;
  readonly sections: SectionTokens;
  /** Where the model is warned and where the queue is flushed. */
  readonly warnAt: number;
  readonly flushAt: number;
};

export type AgentOptions = {
  readonly state: AgentState;
  readonly parts: AgentParts;
  /** The model of `state`; made when it is needed, if absent. */
  readonly llm?: Llm | undefined;
  /** Whether there is a checkpoint of `state`. */
  readonly isSaved: boolean;
  /** Whether a brand-new agent's first answer is checked. */
  readonly verify: boolean;
  /** Gives back what the agent holds: its lock, its database. */
  readonly release: () => void;
  /** What was found and mended when the agent was opened; told with the first turn. */
  readonly notices: readonly string[];
};

/** One open agent. It is the only one of its name: opening it took its lock. */
export class Agent {
  readonly #session: Session;
  readonly #parts: AgentParts;
  readonly #verify: boolean;
  readonly #release: () => void;
  #notices: readonly string[];

  constructor({ state, parts, llm, isSaved, verify, release, notices }: AgentOptions) {
    this.#session = new Session(parts, state, { llm, isSaved });
    this.#parts = parts;
    this.#verify = verify;
    this.#release = release;
    this.#notices = [...notices, ...missingFunctions(state, parts)];
  }

  get name(): string {
    return this.state.name;
  }

  /** The agent as it is after the last finished step. Immutable. */
  get state(): AgentState {
    return this.#session.state;
  }

  /** Everything that was ever said to and by this agent. */
  get recall(): RecallStorage {
    return expecting(this.#parts.store.recall, storageRules);
  }

  get archival(): ArchivalStorage {
    return expecting(this.#parts.store.archival, storageRules);
  }

  get journal(): Journal {
    return expecting(this.#parts.store.journal, storageRules);
  }

  /** Names of the functions that `addFunction` takes. */
  get availableFunctions(): readonly string[] {
    return this.#parts.functions.names;
  }

  /**
   * What a person should know and no turn has told: what was found and mended when the agent was opened, and, after
   * `close`, what came to nothing since.
   */
  get notices(): readonly string[] {
    return this.#notices;
  }

  /** What requests to the model have cost: in this session, and since the agent was made, undone turns included. */
  async spent(): Promise<{ session: Spent; agent: Spent }> {
    return { session: this.#session.meter.session, agent: await this.#parts.store.spent() };
  }

  /** How the window is used now. */
  context(): ContextUse {
    const frame = frameOf(this.state, this.#session.schemas);
    const sections = measure(this.state, frame);
    const { window, warnAt, flushAt } = frame.budget;
    return { window, used: total(sections), sections, warnAt, flushAt };
  }

  /**
   * Runs one turn: steps follow one another while the agent asks for heartbeats, then the agent yields.
   *
   * A finished step is kept even if a later one throws, or if the caller stops iterating; an unfinished one leaves no
   * trace. Steps are on disk when their events arrive; the checkpoint of a turn is written after it, for which `save`,
   * `close` and whatever reads checkpoints wait.
   *
   * @throws MemGPTError `agent_busy` if a turn is already running, `invalid_input` if the message is empty,
   *   `interrupted` if `signal` is aborted, and what the model or the storage throw, unchanged.
   */
  async *send(input: string | InputEvent, options: SendOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    const event: InputEvent = typeof input === "string" ? { type: "user_message", message: input } : input;
    this.#session.admit();
    checkEvent(event);
    expectArguments({ options: [options, sendOptions] });
    yield* this.#session.exclusivelyYielding(options.signal, (stop) =>
      this.#turn(event, this.#session.action(labelOf(event)), stop),
    );
  }

  /** Sends a message and waits. @returns what the agent said, or null if it said nothing. @throws as `send` does. */
  async ask(message: string, options: SendOptions = {}): Promise<string | null> {
    expectArguments({ message: [message, aText] });
    let reply: string | null = null;
    for await (const event of this.send(message, options)) if (event.type === "turn_end") reply = event.reply;
    return reply;
  }

  /**
   * Takes back the person's last message in context and all that came of it, and sends it again, or `message` in its
   * place. The first event is `popped`, the rest is a turn. If no step of that turn is finished everything is as before.
   *
   * @throws MemGPTError `not_found` if no message of the person is in context, and as `send` does.
   */
  async *retry(options: RetryOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    this.#session.admit();
    expectArguments({ options: [options, retryOptions] });
    const { message, signal } = options;
    const text = message ?? (await this.lastUserMessage());
    if (text === undefined) throw commands.noMessage(this.state);
    checkEvent({ type: "user_message", message: text });
    yield* this.#session.exclusivelyYielding(signal, (stop) =>
      commands.retry(this.#session, text, (event, action) => this.#turn(event, action, stop)),
    );
  }

  /** Whole text of the message that `retry` would send again; undefined if there is none. */
  async lastUserMessage(): Promise<string | undefined> {
    return commands.lastMessage(this.#session);
  }

  /**
   * Takes back the newest `count` messages in context, in recall, and what they wrote to core and archival memory. A call
   * goes together with its return. At the beginning it pops what there is.
   *
   * @throws MemGPTError `invalid_input` if `count` is not a whole number above 0.
   */
  async pop(count = 3): Promise<Popped> {
    expectArguments({ count: [count, aCount] });
    return this.#command((session) => commands.pop(session, count));
  }

  /**
   * Takes back the last `count` turns and commands, as far as there are so many, memory included.
   *
   * @throws MemGPTError `invalid_input` if `count` is not a whole number above 0.
   */
  async undo(count = 1): Promise<Undone> {
    expectArguments({ count: [count, aCount] });
    return this.#command((session) => commands.undo(session, count));
  }

  /** Takes back the last undo, unless something was done since. */
  async redo(): Promise<Undone> {
    return this.#command(commands.redo);
  }

  /** The turns and commands that `undo` would take back, newest first. */
  async actions(count: number): Promise<Action[]> {
    expectArguments({ count: [count, aCount] });
    return this.#parts.store.timeline.done(count);
  }

  /** Replaces the agent's newest thought, in recall too. @throws MemGPTError `not_found`; `invalid_input` if blank. */
  async rethink(text: string): Promise<Rewritten> {
    expectArguments({ text: [text, filledText] });
    return this.#command((session) => commands.rethink(session, text));
  }

  /** Replaces the agent's newest reply, in recall and its search too. @throws MemGPTError `not_found`; `invalid_input` if blank. */
  async rewrite(text: string): Promise<Rewritten> {
    expectArguments({ text: [text, filledText] });
    return this.#command((session) => commands.rewrite(session, text));
  }

  /**
   * Resolves when the checkpoint of the last turn or command is on disk. Every one has it written by itself.
   *
   * @throws MemGPTError `storage_failed` if it cannot be written: the database has everything all the same.
   */
  async save(): Promise<void> {
    await this.#session.saved();
  }

  /** Writes a checkpoint that stays for ever. @throws MemGPTError `invalid_input` for a name that cannot be. */
  async checkpoint(name: string | null = null): Promise<CheckpointEntry> {
    expectArguments({ name: [name, nullable(aText)] });
    const checked = name === null ? null : checkCheckpointName(name);
    return this.#command(async (session) => {
      const file = await session.write({ name: checked, kept: true });
      const { state, ...entry } = await this.#parts.checkpoints.find(file);
      return entry;
    });
  }

  /** The checkpoints there are, newest first. */
  async checkpoints(): Promise<CheckpointEntry[]> {
    return this.#parts.checkpoints.list();
  }

  /**
   * Goes to an earlier or later checkpoint, memory and searches included.
   *
   * @param which a name, a number in the list, a file, or a time, which means the newest at or before it.
   * @param options.edited Takes a file that somebody changed by hand, whose checksum is wrong.
   * @throws MemGPTError `not_found`, saying what there is; `storage_failed` if it is damaged or from a newer program.
   */
  async loadCheckpoint(
    which: string,
    options: LoadOptions = {},
  ): Promise<{ checkpoint: CheckpointEntry; change: MemoryChange }> {
    expectArguments({ which: [which, aText], options: [options, loadOptions] });
    return this.#command((session) => commands.loadCheckpoint(session, which, options));
  }

  /** How many of the newest automatic checkpoints are kept from now on; older ones thin out. @returns how many were removed. */
  async keepCheckpoints(count: number): Promise<number> {
    expectArguments({ count: [count, aCount] });
    return this.#command((session) => commands.keepCheckpoints(session, count));
  }

  /** A person's edit of core memory. @throws MemGPTError `not_found` for a label there is not; `invalid_input` if too long. */
  async editBlock(label: string, value: string): Promise<BlockChange> {
    expectArguments({ label: [label, aText], value: [value, aText] });
    return this.#command((session) => commands.editBlock(session, label, value));
  }

  /** Adds a block to core memory. @throws MemGPTError `invalid_input` for a label that is taken or cannot be, or a value too long. */
  async addBlock(newBlock: Block): Promise<void> {
    expectArguments({ block: [newBlock, block] });
    await this.#command((session) => commands.addBlock(session, newBlock));
  }

  /** Changes a block: what is absent stays. @throws MemGPTError `not_found`; `invalid_input` as `addBlock` does. */
  async changeBlock(label: string, changes: Partial<Block>): Promise<Block> {
    expectArguments({ label: [label, aText], changes: [changes, blockChanges] });
    return this.#command((session) => commands.changeBlock(session, label, changes));
  }

  /** Removes a block from core memory. @throws MemGPTError `not_found`. */
  async removeBlock(label: string): Promise<void> {
    expectArguments({ label: [label, aText] });
    await this.#command((session) => commands.removeBlock(session, label));
  }

  /** Removes passages from archival storage. Unknown ids are ignored. @returns how many there were. */
  async removePassages(ids: readonly string[]): Promise<number> {
    expectArguments({ ids: [ids, listOf(aText)] });
    return this.#command((session) => commands.removePassages(session, ids));
  }

  /** Takes every message out of context and recall; core and archival memory stay. One undo brings them back. */
  async clearMessages(): Promise<number> {
    return this.#command(commands.clearMessages);
  }

  /**
   * Takes over a conversation as another program kept it: all messages go to recall storage, and those whose ids are in
   * `inContext` also to the end of the queue. One undo takes it back.
   */
  async addHistory(messages: readonly Message[], inContext: ReadonlySet<string>): Promise<void> {
    expectArguments({ messages: [messages, listOf(anObject)], inContext: [inContext, aSet] });
    await this.#command((session) => addHistory(session, messages, inContext));
  }

  /**
   * Puts what was said elsewhere in recall storage, in the order given, and not in the context: all of it or none. One undo
   * takes it back. Takes about 40 ms for 1,000 messages.
   *
   * @returns the ids of the messages, in the same order.
   * @throws MemGPTError `invalid_input` for a blank text or a time that is none; `interrupted` if `signal` is aborted.
   */
  async importMessages(messages: readonly ImportedMessage[], options: SendOptions = {}): Promise<string[]> {
    expectArguments({ messages: [messages, importedMessages], options: [options, sendOptions] });
    return this.#command((session) => importMessages(session, messages, options.signal));
  }

  /**
   * Puts texts in archival storage, in pieces where they are long, as `archival_memory_insert` does: all of them or none.
   * One undo takes them back. Where they cannot be embedded they are kept without vectors, which `notices` of a turn tell.
   *
   * @returns the ids of each text's passages, in the order of the texts.
   * @throws MemGPTError `invalid_input` for a blank text or a time that is none; `interrupted` if `signal` is aborted.
   */
  async addPassages(texts: readonly AddedPassage[], options: SendOptions = {}): Promise<string[][]> {
    expectArguments({ texts: [texts, addedPassages], options: [options, sendOptions] });
    return this.#command((session) => addPassages(session, texts, options.signal));
  }

  /** Other settings from now on. @returns what is another now. @throws MemGPTError `invalid_input`. */
  async configure(overrides: AgentOverrides): Promise<{ changes: string[] }> {
    expectArguments({ overrides: [overrides, agentOverrides] });
    return this.#command((session) => commands.configure(session, overrides));
  }

  /** Another system prompt. @throws MemGPTError `invalid_input` if blank; `context_overflow` if it leaves no room to talk. */
  async setSystem(text: string): Promise<{ before: string; after: string }> {
    expectArguments({ text: [text, filledText] });
    return this.#command(async (session) => {
      const before = this.state.system;
      await commands.change(session, "/systemswap", withSystem(this.state, text, session.schemas));
      return { before, after: text };
    });
  }

  /** Lets the model call one more function. @throws MemGPTError `not_found`; `invalid_input` if it can already. */
  async addFunction(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await this.#command((session) =>
      commands.change(session, `/add_function ${name}`, withFunction(this.state, name, this.availableFunctions)),
    );
  }

  /** Takes a function from the model. @throws MemGPTError `not_found`; `invalid_input` for the one it speaks with. */
  async removeFunction(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await this.#command((session) =>
      commands.change(session, `/remove_function ${name}`, withoutFunction(this.state, name)),
    );
  }

  /** Flushes the queue now: a summary takes the place of the oldest messages, which stay in recall. Can be undone. */
  async *summarize(options: SummarizeOptions = {}): AsyncGenerator<AgentEvent, void, void> {
    expectArguments({ options: [options, summarizeOptions] });
    const { hint, signal } = options;
    yield* this.#session.exclusivelyYielding(signal, (stop) => commands.summarize(this.#session, hint, stop));
  }

  /**
   * Starts over: nothing in recall and archival storage, core memory as the persona and human files say. Model, prompt
   * and functions stay. Can be undone.
   *
   * @throws MemGPTError `not_found` if one of the files is gone.
   */
  async wipe(): Promise<MemoryChange> {
    return this.#command(commands.wipe);
  }

  /** What led to the newest reply; undefined if there is none in context. */
  async why(): Promise<Explanation | undefined> {
    return explain(this.state, this.#parts.store);
  }

  /** How core memory came to say what it says, oldest edit first. @throws MemGPTError `not_found` for a label there is not. */
  async history(label?: string): Promise<BlockEdit[]> {
    expectArguments({ label: [label, optional(aText)] });
    return blockHistory(this.state, this.#parts.store, label);
  }

  /** Searches recall or archival storage. @throws MemGPTError `invalid_input` if a date cannot be understood. */
  async find(request: FindRequest): Promise<FindResult> {
    return find(request, this.#parts.store, this.#finding());
  }

  /** Searches core memory, recall and archival storage. @throws MemGPTError `invalid_input` if a date cannot be understood. */
  async findAll(request: FindAllRequest): Promise<FindAllResult> {
    return findAll(request, this.state.blocks, this.#parts.store, this.#finding());
  }

  #finding(): Finding {
    const { embedder, now } = this.#parts;
    return { embedder, people: peopleIn(this.state.blocks), now: now() };
  }

  /**
   * Saves and lets go of the agent. A turn that is running is interrupted. Closing twice is harmless. A checkpoint that
   * cannot be written is a notice: the database has everything.
   */
  async close(): Promise<void> {
    await this.#session.close(this.#release);
    this.#notices = [...this.#notices, ...this.#session.missing()];
  }

  #command<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#session.exclusively(() => work(this.#session));
  }

  #turn(event: InputEvent, action: ActionRef, stop: AbortSignal): AsyncGenerator<AgentEvent, void, void> {
    const notices = this.#notices;
    this.#notices = [];
    return commands.turn(this.#session, event, { action, verify: this.#verify, notices, stop });
  }
}

/** What a person should know of functions that the agent has and this program lacks. */
function missingFunctions({ name, functions }: AgentState, { functions: registry }: AgentParts): string[] {
  const { missing } = registry.select(functions);
  if (missing.length === 0) return [];
  const [what, them] = missing.length === 1 ? ["a function", "it"] : ["functions", "them"];
  return [
    `${name} has ${what} that this program lacks: ${missing.join(", ")}. It goes on without ${them}; ` +
      `/remove_function NAME takes ${them} away for good.`,
  ];
}

/** What a person calls a turn that an event began. */
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
