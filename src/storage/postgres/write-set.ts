import { MemGPTError } from "../../errors.ts";
import type { StateChange } from "../../memory/diff.ts";
import { journalled } from "../../memory/journey.ts";
import type { JournalEntry } from "../../ports/journal.ts";
import type { Held } from "../../schema/quarantine.ts";
import type { Message } from "../../schema/message.ts";
import type { Passage } from "../../schema/passage.ts";
import { termsIn } from "../../search/analyze.ts";
import { base64 } from "./database.ts";
import type { Head } from "./head.ts";
import { type MessageRow, type PassageRow, newMessage, reworded } from "./rows.ts";
import { toBlob } from "../stored-values.ts";

/** Who or what made a change, and when, as journal entries record it. */
export type By = Pick<JournalEntry, "cause" | "at" | "origin">;

export type ActionRow = {
  readonly seq: number;
  readonly id: string;
  readonly at: string;
  readonly label: string;
  readonly first_op: number;
  readonly last_op: number;
};

/** A row, and whether it is new or changed. */
type Entry<Row> = { row: Row; readonly isNew: boolean; isChanged: boolean };

/**
 * All changes of a commit, collected in memory and stored in one statement (see store-changes.ts). Existing rows must be loaded
 * first, with `admit`.
 */
export class WriteSet {
  readonly head: Head;
  readonly messages = new Map<string, Entry<MessageRow>>();
  readonly passages = new Map<string, Entry<PassageRow>>();
  readonly entries: JournalEntry[] = [];
  readonly actions = new Map<string, ActionRow>();
  /** Actions with the number of the undo that undoes them; null if they are redone. */
  readonly undone: { readonly seq: number; readonly undone: number | null }[] = [];
  readonly held: Held[] = [];
  readonly released: string[] = [];
  readonly speakers = new Set<string>();
  /** Numbers of lines whose vectors are of their old text. */
  readonly stale: number[] = [];
  /** Whether the vectors of a finished reindexing replace the present ones. */
  isReindexed = false;

  constructor(head: Head) {
    this.head = { ...head };
  }

  admit(messages: readonly MessageRow[], passages: readonly PassageRow[] = []): void {
    for (const row of messages) {
      if (!this.messages.has(row.id)) this.messages.set(row.id, { row, isNew: false, isChanged: false });
    }
    for (const row of passages) {
      if (!this.passages.has(row.id)) this.passages.set(row.id, { row, isNew: false, isChanged: false });
    }
  }

  /** @throws MemGPTError `storage_failed` if the set has the id already. The database rejects one that is stored. */
  addMessage(message: Message): void {
    if (this.messages.has(message.id)) throw idTaken(message.id);
    const row = newMessage(message, this.head);
    this.messages.set(message.id, { row, isNew: true, isChanged: false });
    if (row.speaker !== null) this.speakers.add(row.speaker);
    this.#countMessage(row, 1);
  }

  /** Adds or restores a message. @returns whether it was missing. */
  bringBack(message: Message): boolean {
    const known = this.messages.get(message.id);
    if (known === undefined) {
      this.addMessage(message);
      return true;
    }
    if (known.row.live) return false;
    this.setMessageLive(message.id, true);
    return true;
  }

  setMessageLive(id: string, live: boolean): void {
    const known = this.messages.get(id);
    if (known === undefined || known.row.live === live) return;
    known.row = { ...known.row, live };
    known.isChanged = true;
    this.head.retracted += 1;
    this.#countMessage(known.row, live ? 1 : -1);
  }

  /** Replaces the content of the message with the same id. */
  rewrite(message: Message): void {
    const known = this.messages.get(message.id);
    if (known === undefined) return;
    const before = known.row;
    if (before.live) this.#countMessage(before, -1);
    known.row = reworded(before, message, this.head);
    known.isChanged = true;
    if (before.n !== null) this.stale.push(before.n);
    this.head.rewritten += 1;
    if (before.live) this.#countMessage(known.row, 1);
  }

  json(id: string): string | undefined {
    return this.messages.get(id)?.row.json;
  }

  /** @returns the passage's number. */
  addPassage(
    { id, createdAt, text, origin = null }: Omit<Passage, "origin"> & Pick<By, "origin">,
    vector: Float32Array | null,
  ): number {
    if (this.passages.has(id)) throw idTaken(id);
    this.head.passage += 1;
    const terms = termsIn(text).length;
    const embedding = vector === null ? null : base64(toBlob(vector));
    const row = { seq: this.head.passage, id, created_at: createdAt, live: true, terms, text, embedding, origin };
    this.passages.set(id, { row, isNew: true, isChanged: false });
    this.#countPassage(row, 1);
    return row.seq;
  }

  setPassageLive(id: string, live: boolean): void {
    const known = this.passages.get(id);
    if (known === undefined || known.row.live === live) return;
    known.row = { ...known.row, live };
    known.isChanged = true;
    this.head.toggled += 1;
    this.#countPassage(known.row, live ? 1 : -1);
  }

  record(entry: Omit<JournalEntry, "op">): void {
    this.head.op += 1;
    this.entries.push({ op: this.head.op, ...entry });
  }

  recordChange(change: StateChange, by: By): void {
    this.record({ ...by, ...journalled(change, (id, json) => this.json(id) === json) });
  }

  /** Makes the next operation follow `op`, with an entry that changes nothing. */
  countFrom(op: number, id: string, { cause, at }: By): void {
    if (this.head.op >= op) return;
    this.head.op = op;
    const json = JSON.stringify(id);
    this.entries.push({ op, at, cause, kind: "state", ref: "id", before: json, after: json });
  }

  /** Assigns everything journalled from operation `first` on to an action. */
  noteAction({ id, label }: { readonly id: string; readonly label: string }, at: string, first: number): void {
    const last = this.head.op;
    if (last < first) return;
    const known = this.actions.get(id);
    if (known === undefined) this.head.action += 1;
    this.actions.set(id, {
      ...(known ?? { seq: this.head.action, id, at, label, first_op: first }),
      last_op: last,
    });
  }

  #countMessage({ n, terms }: MessageRow, by: 1 | -1): void {
    this.head.messages += by;
    if (n === null) return;
    this.head.said += by;
    this.head.said_terms += by * (terms ?? 0);
  }

  #countPassage({ terms }: PassageRow, by: 1 | -1): void {
    this.head.passages += by;
    this.head.passage_terms += by * terms;
  }
}

function idTaken(id: string): MemGPTError {
  return new MemGPTError("storage_failed", `The id ${id} is taken. Nothing of this step was kept.`);
}
