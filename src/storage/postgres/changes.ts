import { diffStates } from "../../memory/diff.ts";
import type { Journey } from "../../memory/journey.ts";
import { eventsOf } from "../../memory/queue.ts";
import type { Change, HistoryMove } from "../../ports/history.ts";
import type { Message } from "../../schema/message.ts";
import type { Passage } from "../../schema/passage.ts";
import type { AgentState } from "../../schema/state.ts";
import type { PgCollection } from "./collection.ts";
import { type Queryable, reading } from "./database.ts";
import { MESSAGE_COLUMNS, type MessageRow, PASSAGE_COLUMNS, type PassageRow } from "./rows.ts";
import { messageOrigin } from "../../memory/origin.ts";
import { releases } from "../../memory/released.ts";
import { passageOf } from "../passage-columns.ts";
import type { By, WriteSet } from "./write-set.ts";

const MESSAGE = Object.keys(MESSAGE_COLUMNS).join(", ");
// An existing passage keeps its vector, so it is not read.
const PASSAGE = Object.keys(PASSAGE_COLUMNS)
  .map((name) => (name === "embedding" ? "NULL AS embedding" : name))
  .join(", ");

/** Adds the effects of a change or a journey to a write set, and loads the rows that they concern. */
export class Changes {
  readonly #database: Queryable;
  readonly #agent: number;

  constructor(database: Queryable, agent: number) {
    this.#database = database;
    this.#agent = agent;
  }

  /** Adds the messages and passages of a change. `isJournalled` is false for an agent's initial ones. */
  async write(
    set: WriteSet,
    change: Change,
    { isJournalled, collection }: { readonly isJournalled: boolean; readonly collection: PgCollection },
  ): Promise<void> {
    const { messages, passages, rewritten = [], retracted = { messages: [], passages: [] } } = change;
    const { cause, at, origin } = change;
    const by = { cause, at, origin };
    await this.#admit(set, [...rewritten.map(({ id }) => id), ...retracted.messages], retracted.passages);
    for (const message of messages) {
      set.addMessage(message);
      const whose = { ...by, origin: messageOrigin(message, origin) };
      if (isJournalled) set.record({ ...whose, kind: "message", ref: message.id, before: null, after: "true" });
    }
    for (const message of rewritten) {
      const [before, after] = [set.json(message.id) ?? null, JSON.stringify(message)];
      set.record({ ...by, kind: "message", ref: message.id, before, after });
      set.rewrite(message);
    }
    retract(set, retracted.messages, retracted.passages, by);
    for (const entry of releases(change)) set.record({ ...by, ...entry });
    for (const passage of passages) {
      const { embedding } = passage;
      const vector = embedding === null ? null : await collection.storable(embedding, set);
      const whose = { ...by, origin: passage.origin ?? origin };
      set.addPassage({ ...passage, origin: whose.origin }, vector);
      if (isJournalled) set.record({ ...whose, kind: "passage", ref: passage.id, before: null, after: "true" });
    }
  }

  /** Journals the difference between two states. */
  async recordState(set: WriteSet, before: AgentState, state: AgentState, by: By): Promise<void> {
    const changes = diffStates(before, state);
    const queued = changes.flatMap((change) => (change.kind === "queue" ? [change.before, change.after] : []));
    await this.#admit(
      set,
      queued.flatMap(({ items }) => items.flatMap(idOf)),
    );
    for (const change of changes) set.recordChange(change, by);
  }

  /** Performs a planned journey and journals it. */
  async move(set: WriteSet, journey: Journey, before: AgentState, { cause, at }: By): Promise<HistoryMove> {
    const { from, to, state, messages, passages, outcome } = journey;
    const ids = messages.map((change) => ("rewritten" in change ? change.rewritten.id : change.id));
    const { removed, added } = outcome.passages;
    await this.#admit(set, ids, [...passages.map(({ id }) => id), ...removed, ...added]);
    for (const change of messages) {
      if ("rewritten" in change) set.rewrite(change.rewritten);
      else set.setMessageLive(change.id, change.live);
    }
    for (const { id, live } of passages) set.setPassageLive(id, live);
    set.held.push(...journey.held);
    set.released.push(...journey.released);
    if (from !== to) set.record({ at, cause, kind: "position", ref: "", before: String(from), after: String(to) });
    return {
      before,
      state,
      messages: outcome.messages,
      passages: { removed: passagesIn(set, removed), added: passagesIn(set, added) },
    };
  }

  /** Restores messages of the queue that recall storage lacks. @returns these messages; they are not journalled yet. */
  async restoreQueue(set: WriteSet, state: AgentState): Promise<Message[]> {
    const events = eventsOf(state);
    await this.#admit(
      set,
      events.map(({ id }) => id),
    );
    return events.filter((message) => set.bringBack(message));
  }

  /** Retracts everything outside the queue of `state`, which is older than all stored rows. */
  async retractAllBut(set: WriteSet, state: AgentState, by: By): Promise<void> {
    const kept = new Set(state.queue.map(({ id }) => id));
    const idsIn = async (table: "messages" | "passages"): Promise<string[]> => {
      const sql = `SELECT id FROM ${table} WHERE agent = $1 AND live ORDER BY seq`;
      return (await this.#database.query<{ id: string }>(sql, [this.#agent])).map(({ id }) => id);
    };
    const messages = (await reading(() => idsIn("messages"))).filter((id) => !kept.has(id));
    const passages = await reading(() => idsIn("passages"));
    await this.#admit(set, messages, passages);
    retract(set, messages, passages, by);
  }

  /** Loads rows that the set lacks. */
  async #admit(set: WriteSet, messages: readonly string[], passages: readonly string[] = []): Promise<void> {
    const unknown = [...new Set(messages)].filter((id) => !set.messages.has(id));
    const others = [...new Set(passages)].filter((id) => !set.passages.has(id));
    const load = async <Row>(table: string, columns: string, ids: readonly string[]): Promise<Row[]> =>
      ids.length === 0
        ? []
        : this.#database.query<Row>(`SELECT ${columns} FROM ${table} WHERE agent = $1 AND id = ANY ($2::text[])`, [
            this.#agent,
            ids,
          ]);
    await reading(async () => {
      set.admit(
        await load<MessageRow>("messages", MESSAGE, unknown),
        await load<PassageRow>("passages", PASSAGE, others),
      );
    });
  }
}

function retract(set: WriteSet, messages: readonly string[], passages: readonly string[], by: By): void {
  for (const ref of messages) {
    set.setMessageLive(ref, false);
    set.record({ ...by, kind: "message", ref, before: "true", after: null });
  }
  for (const ref of passages) {
    set.setPassageLive(ref, false);
    set.record({ ...by, kind: "passage", ref, before: "true", after: null });
  }
}

function passagesIn(set: WriteSet, ids: readonly string[]): Passage[] {
  return ids.flatMap((id) => {
    const row = set.passages.get(id)?.row;
    return row === undefined ? [] : [passageOf(row)];
  });
}

function idOf(item: unknown): string[] {
  return typeof item === "object" && item !== null && "id" in item && typeof item.id === "string" ? [item.id] : [];
}
