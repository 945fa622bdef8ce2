import type { Message } from "../schema/message.ts";
import type { Forgettable, ForgetRequest } from "../schema/forgetting.ts";
import type { Block } from "../schema/state.ts";
import type { BlockChange } from "../schema/timeline.ts";
import { AgentReader } from "./agent-reader.ts";
import {
  type SendOptions,
  addedPassages,
  agentChanges,
  block,
  blockChanges,
  importPace,
  importedMessages,
  sendOptions,
  writeOptions,
} from "./arguments.ts";
import * as commands from "./commands.ts";
import { type ConsentSetting, withConsentSet } from "./consent.ts";
import type { AgentChanges } from "./deps.ts";
import { type BlockChanges, checkRoom, withFunction, withSystem, withoutFunction } from "./edit.ts";
import { aSet, aText, anObject, expectArguments, filledText, listOf, oneOf } from "./expect.ts";
import type { AddedPassage, ImportPace, ImportedMessage } from "./import.ts";
import type { ImportedMemory, ImportedOnce } from "./import-once.ts";
import { type ForgetChoices, forget, forgetChoices, forgetRequest, forgettable } from "./forget.ts";
import { attach, detach } from "./attach.ts";
import type { Rewritten } from "./rewrite.ts";
import { screenedWrite } from "./screening.ts";
import type { WriteOptions } from "./written-by.ts";

/** Both are loaded on first use, because no turn needs them. */
const releasing = () => import("./release.ts");
const importing = () => import("./import.ts");

/** Changes that a person makes to an open agent: memory, settings, functions. One undo reverts each. */
export class AgentEditor extends AgentReader {
  /** Replaces the agent's newest thought, also in recall. @throws MemGPTError `not_found`; `invalid_input` if blank. */
  async rethink(text: string): Promise<Rewritten> {
    expectArguments({ text: [text, filledText] });
    return this.session.exclusively((session) => commands.rethink(session, text));
  }

  /** Replaces the agent's newest reply, also in recall and its search. @throws MemGPTError `not_found`; `invalid_input` if blank. */
  async rewrite(text: string): Promise<Rewritten> {
    expectArguments({ text: [text, filledText] });
    return this.session.exclusively((session) => commands.rewrite(session, text));
  }

  /** Replaces the text of a message or thought, also in recall and its search. @throws MemGPTError `not_found`. */
  async editMessage(id: string, text: string): Promise<Rewritten> {
    expectArguments({ id: [id, aText], text: [text, filledText] });
    return this.session.exclusively((session) => commands.editMessage(session, id, text));
  }

  /** Replaces the value of a block. @throws MemGPTError `not_found` for an unknown label; `invalid_input` if too long. */
  async editBlock(label: string, value: string, options: WriteOptions = {}): Promise<BlockChange> {
    expectArguments({ label: [label, aText], value: [value, aText], options: [options, writeOptions] });
    return this.session.exclusively((session) => commands.editBlock(session, label, { value, by: options.by }));
  }

  /** Adds a block to core memory. @throws MemGPTError `invalid_input` for a label that is taken or invalid, or a value too long. */
  async addBlock(newBlock: Block): Promise<void> {
    expectArguments({ block: [newBlock, block] });
    await this.session.exclusively((session) => commands.addBlock(session, newBlock));
  }

  /** Changes the given fields of a block. @throws MemGPTError `not_found`; `invalid_input` as `addBlock` does. */
  async changeBlock(label: string, changes: BlockChanges): Promise<Block> {
    expectArguments({ label: [label, aText], changes: [changes, blockChanges] });
    return this.session.exclusively((session) => commands.changeBlock(session, label, changes));
  }

  /** Removes a block from core memory. @throws MemGPTError `not_found`. */
  async removeBlock(label: string): Promise<void> {
    expectArguments({ label: [label, aText] });
    await this.session.exclusively((session) => commands.removeBlock(session, label));
  }

  /** Adopts other agents' changes to shared blocks. Every turn and command begins with this. */
  async receiveBlocks(): Promise<void> {
    await this.session.exclusively(async () => undefined);
  }

  /**
   * Carries out writes that were held back. One undo holds all of them back again.
   *
   * @returns the number of writes.
   * @throws MemGPTError `not_found` for an id that is not held; `invalid_input` if a call can no longer be made.
   */
  async release(ids: readonly string[]): Promise<number> {
    expectArguments({ ids: [ids, listOf(aText)] });
    return this.session.exclusively(async (session) => (await releasing()).release(session, ids));
  }

  /** Drops writes that were held back, for good. @returns their number. @throws MemGPTError `not_found` as `release` does. */
  async discard(ids: readonly string[]): Promise<number> {
    expectArguments({ ids: [ids, listOf(aText)] });
    return this.session.exclusively(async (session) => {
      const held = await (await releasing()).heldOf(session, ids);
      await session.parts.store.quarantine.discard(held.map(({ id }) => id));
      return held.length;
    });
  }

  /** What `forget` would remove, and where it is. Changes nothing. @throws MemGPTError as `forget` does. */
  async forgettable(request: ForgetRequest): Promise<Forgettable> {
    expectArguments({ request: [request, forgetRequest] });
    return this.session.exclusively(async (session) => (await forgettable(session, request, {})).found);
  }

  /**
   * Removes what the request names from every file of the home, for good: messages, passages, journal, indexes, checkpoints,
   * typed lines. Blocks and summaries lose the sentences that say it, except those in `keep`. What the agent noted because of a
   * message, in blocks and passages, goes with it. Undo, redo and old checkpoints work around the hole. If the process ends
   * meanwhile, the next opening completes it.
   *
   * @returns what was removed.
   * @throws MemGPTError `invalid_input` unless the request names one thing; `storage_failed`.
   */
  async forget(request: ForgetRequest, choices: ForgetChoices = {}): Promise<Forgettable> {
    expectArguments({ request: [request, forgetRequest], choices: [choices, forgetChoices] });
    return this.session.exclusively((session) => forget(session, request, choices));
  }

  /** Removes passages from archival storage. Unknown ids are ignored. @returns how many were removed. */
  async removePassages(ids: readonly string[], options: WriteOptions = {}): Promise<number> {
    expectArguments({ ids: [ids, listOf(aText)], options: [options, writeOptions] });
    return this.session.exclusively((session) => commands.removePassages(session, ids, options.by));
  }

  /** Removes every message from context and recall; core and archival memory stay. @returns how many were removed. */
  async clearMessages(): Promise<number> {
    return this.session.exclusively(commands.clearMessages);
  }

  /**
   * Adopts a conversation as another program stored it: all messages go to recall storage, and those whose ids are in
   * `inContext` also to the end of the queue. What reads like instructions is held back and leaves a hole.
   */
  async addHistory(messages: readonly Message[], inContext: ReadonlySet<string>): Promise<void> {
    expectArguments({ messages: [messages, listOf(anObject)], inContext: [inContext, aSet] });
    await this.session.exclusively(async (session) =>
      (await import("./add-history.ts")).addHistory(session, messages, inContext),
    );
  }

  /**
   * Adds an old conversation to recall storage in the order given, but not to the context: all of it or nothing. Messages
   * that read like instructions to the agent are held back (`quarantined`), unless configured otherwise.
   *
   * @returns the ids of the messages that were stored, in the same order.
   * @throws MemGPTError `invalid_input` for a blank text or an invalid time; `interrupted` if `signal` is aborted.
   */
  async importMessages(messages: readonly ImportedMessage[], options: SendOptions = {}): Promise<string[]> {
    expectArguments({ messages: [messages, importedMessages], options: [options, sendOptions] });
    return this.session.exclusively(async (session) =>
      (await importing()).importMessages(session, messages, options.signal),
    );
  }

  /**
   * Adds messages and passages from another memory, except those that the agent already has, in the order of their times: all
   * of them or nothing. One undo reverts it.
   *
   * @throws MemGPTError `invalid_input` for a blank text or an invalid time; `interrupted` if `signal` is aborted.
   */
  async importOnce(memory: ImportedMemory, options: ImportPace = {}): Promise<ImportedOnce> {
    expectArguments({ memory: [memory, anObject] });
    expectArguments({
      "memory.messages": [memory.messages, importedMessages],
      "memory.passages": [memory.passages, addedPassages],
      options: [options, importPace],
    });
    return this.session.exclusively(async (session) =>
      (await import("./import-once.ts")).importOnce(session, memory, options),
    );
  }

  /**
   * Adds texts to archival storage, long ones split as `archival_memory_insert` splits them: all of them or nothing. Texts
   * that cannot be embedded are stored without vectors; a notice of the next turn says so. Those that read like instructions
   * to the agent are held back (`quarantined`), unless configured otherwise, and have no ids.
   *
   * @returns the ids of each text's passages, in the order of the texts.
   * @throws MemGPTError `invalid_input` for a blank text or an invalid time; `interrupted` if `signal` is aborted.
   */
  async addPassages(texts: readonly AddedPassage[], options: WriteOptions = {}): Promise<string[][]> {
    expectArguments({ texts: [texts, addedPassages], options: [options, writeOptions] });
    return this.session.exclusively(async (session) => (await importing()).addPassages(session, texts, options));
  }

  /**
   * Replaces a passage by a text, which is screened as `addPassages` screens it.
   *
   * @returns the ids of its new passages; empty if the text was held back, in which case the old passage stays.
   * @throws MemGPTError `not_found`; `invalid_input` for a blank text; `interrupted` if `signal` is aborted.
   */
  async replacePassage(id: string, text: string, options: WriteOptions = {}): Promise<string[]> {
    expectArguments({ id: [id, aText], text: [text, aText], options: [options, writeOptions] });
    return this.session.exclusively(async (session) =>
      (await importing()).replacePassage(session, { id, text }, options),
    );
  }

  /**
   * Lets the agent search a source along with its own passages, and alerts it to the upload. Copies nothing; one undo detaches
   * the source.
   *
   * @throws MemGPTError `not_found`, listing the sources; `invalid_input` if it is already attached.
   */
  async attach(source: string): Promise<void> {
    expectArguments({ source: [source, aText] });
    await this.session.exclusively((session) => attach(session, source));
  }

  /** Stops the agent from searching a source. @throws MemGPTError `not_found` if it is not attached. */
  async detach(source: string): Promise<void> {
    expectArguments({ source: [source, aText] });
    await this.session.exclusively((session) => detach(session, source));
  }

  /**
   * Changes settings, and optionally the system prompt and the set of blocks: all or nothing. One undo reverts it.
   *
   * @returns the changed settings in words.
   * @throws MemGPTError `invalid_input`; `not_found` for the id of a block; `context_overflow` as `setSystem` does.
   */
  async configure(overrides: AgentChanges): Promise<{ changes: string[] }> {
    expectArguments({ overrides: [overrides, agentChanges] });
    return this.session.exclusively((session) => commands.configure(session, overrides));
  }

  /** Replaces the system prompt. @throws MemGPTError `invalid_input` if blank; `context_overflow` if it leaves no room to talk. */
  async setSystem(text: string): Promise<{ before: string; after: string }> {
    expectArguments({ text: [text, filledText] });
    return this.session.exclusively(async (session) => {
      const before = this.state.system;
      const after = await screenedWrite(text, session.parts);
      await commands.change(session, "/systemswap", withSystem(this.state, after, session.schemas));
      return { before, after };
    });
  }

  /**
   * Lets the model call one more function, or all tools of a server (`mcp:SERVER`). Rereads the functions of files and servers.
   *
   * @throws MemGPTError `not_found`; `invalid_input` if it already can; `context_overflow` if no room to talk is left.
   */
  async addFunction(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await this.session.exclusively(async (session) => {
      const { functions } = session.parts;
      await functions.refresh();
      const state = functions.meant(name).reduce((before, one) => withFunction(before, one, functions), this.state);
      checkRoom(
        state,
        [...functions.select(state.functions).functions.values()].map(({ schema }) => schema),
      );
      await commands.change(session, `/add_function ${name}`, state);
    });
  }

  /** Rereads the functions of files and servers. @returns problems with them, for a person to read. */
  async refreshFunctions(): Promise<readonly string[]> {
    const { functions } = this.session.parts;
    await functions.refresh();
    return functions.problems;
  }

  /**
   * Decides for good whether the agent may call a function that acts outside memory. `ask` clears the decision.
   *
   * @throws MemGPTError `not_found` if the agent lacks it; `invalid_input` if it needs no consent.
   */
  async setConsent(name: string, consent: ConsentSetting): Promise<void> {
    expectArguments({ name: [name, aText], consent: [consent, oneOf("always", "never", "ask")] });
    await this.session.exclusively(async (session) => {
      const names = session.parts.functions.meant(name);
      const state = names.reduce((before, one) => withConsentSet(before, session.functions, one, consent), this.state);
      await commands.change(session, `/functions ${consent} ${name}`, state);
    });
  }

  /** Stops the model from calling a function. @throws MemGPTError `not_found`; `invalid_input` for `send_message`. */
  async removeFunction(name: string): Promise<void> {
    expectArguments({ name: [name, aText] });
    await this.session.exclusively((session) => {
      const names = session.parts.functions.meant(name);
      return commands.change(session, `/remove_function ${name}`, names.reduce(withoutFunction, this.state));
    });
  }
}
