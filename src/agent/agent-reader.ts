import { frameOf, measure, total } from "../memory/main-context.ts";
import { peopleIn } from "../memory/people.ts";
import type { ArchivalStorage } from "../ports/archival.ts";
import type { Journal } from "../ports/journal.ts";
import type { RecallStorage } from "../ports/recall.ts";
import type { SectionTokens } from "../schema/context.ts";
import type { Held } from "../schema/quarantine.ts";
import type { Spent } from "../schema/spent.ts";
import type { AgentState } from "../schema/state.ts";
import type { Action, BlockEdit, CheckpointEntry, Explanation } from "../schema/timeline.ts";
import { storageRules } from "./arguments.ts";
import * as commands from "./commands.ts";
import { type FunctionPermission, permissionsOf } from "./consent.ts";
import { aCount, aText, expectArguments, expecting, optional } from "./expect.ts";
import { type FindAllResult, findAll } from "./find-all.ts";
import type { FindAllRequest, FindRequest } from "./find-request.ts";
import { type FindResult, type Finding, find } from "./find.ts";
import { blockHistory } from "./history.ts";
import type { Session } from "./session.ts";

/** How the context window of an agent is used, in tokens. */
export type ContextUse = {
  readonly window: number;
  readonly used: number;
  readonly sections: SectionTokens;
  /** Tokens in use at which the model is warned, and at which the queue is flushed. */
  readonly warnAt: number;
  readonly flushAt: number;
};

/** What can be read from an open agent, even while a turn runs. */
export class AgentReader {
  protected readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  get name(): string {
    return this.state.name;
  }

  /** Whether nothing of this session is stored. */
  get isIncognito(): boolean {
    return this.session.parts.isIncognito;
  }

  /** The agent after its last finished step. Immutable. */
  get state(): AgentState {
    return this.session.state;
  }

  /** Writes to memory that are held back until a person reviews them, oldest first. */
  async quarantined(): Promise<Held[]> {
    return this.session.parts.store.quarantine.list();
  }

  /** Everything ever said to and by this agent. */
  get recall(): RecallStorage {
    return expecting(this.session.parts.store.recall, storageRules);
  }

  get archival(): ArchivalStorage {
    return expecting(this.session.parts.store.archival, storageRules);
  }

  get journal(): Journal {
    return expecting(this.session.parts.store.history.journal, storageRules);
  }

  /** The agent's functions in the order shown to the model, and whether it may call each. */
  permissions(): FunctionPermission[] {
    return permissionsOf(this.state, this.session.functions, this.session.parts);
  }

  /** Names of the functions that `addFunction` accepts. */
  get availableFunctions(): readonly string[] {
    return this.session.parts.functions.names;
  }

  /** The cost of requests to the model: in this session, and since the agent was created, undone turns included. */
  async spent(): Promise<{ session: Spent; agent: Spent }> {
    return { session: this.session.meter.session, agent: await this.session.parts.store.history.spent() };
  }

  /** How the window is used now. */
  context(): ContextUse {
    const frame = frameOf(this.state, this.session.schemas);
    const sections = measure(this.state, frame);
    const { window, warnAt, flushAt } = frame.budget;
    return { window, used: total(sections), sections, warnAt, flushAt };
  }

  /** The whole text of the message that `retry` would resend; undefined if no message of the person is in context. */
  async lastUserMessage(): Promise<string | undefined> {
    return commands.spokenMessage(this.session);
  }

  /** The turns and commands that `undo` would revert, newest first. */
  async actions(count: number): Promise<Action[]> {
    expectArguments({ count: [count, aCount] });
    return this.session.parts.store.history.actions(count);
  }

  /** All checkpoints, newest first. */
  async checkpoints(): Promise<CheckpointEntry[]> {
    return this.session.parts.checkpoints.list();
  }

  /** The agent as it was at a checkpoint, by its name, number, file or time. @throws MemGPTError `not_found`, listing them. */
  async stateAt(checkpoint: string): Promise<AgentState> {
    expectArguments({ checkpoint: [checkpoint, aText] });
    return (await this.session.parts.checkpoints.find(checkpoint)).state;
  }

  /** What led to the newest reply; undefined if no reply is in context. */
  async why(): Promise<Explanation | undefined> {
    const { explain } = await import("./why.ts");
    return explain(this.state, this.session.parts.store, this.session.collections);
  }

  /** The edits that made core memory what it is, oldest first. @throws MemGPTError `not_found` for an unknown label. */
  async history(label?: string): Promise<BlockEdit[]> {
    expectArguments({ label: [label, optional(aText)] });
    return blockHistory(this.state, this.session.parts.store, label);
  }

  /** Searches recall or archival storage. @throws MemGPTError `invalid_input`, also for a date that cannot be understood. */
  async find(request: FindRequest): Promise<FindResult> {
    return find(request, this.session.parts.store.recall, this.#finding());
  }

  /** Searches core memory, recall and archival storage. @throws MemGPTError as `find` does. */
  async findAll(request: FindAllRequest): Promise<FindAllResult> {
    return findAll(request, this.state.blocks, this.session.parts.store.recall, this.#finding());
  }

  #finding(): Finding {
    const { notices, now } = this.session.parts;
    return {
      collections: this.session.collections,
      notify: notices.add,
      people: peopleIn(this.state.blocks),
      now: now(),
    };
  }
}
