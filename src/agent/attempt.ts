import type { AgentStore, ArchivalStorage, Change, RecallStorage } from "../ports/storage.ts";
import type { Spent } from "../schema/spent.ts";
import type { AgentState } from "../schema/state.ts";

/**
 * What a retry has changed before its first step is whole. Nothing of it is stored, so that nobody waits for it while the
 * model thinks, and whoever drops it, killed or not, has never begun.
 */
export class Attempt {
  /** The operation that it begins at. */
  readonly from: number;
  /** The state that it begins with, and what the last checkpoint was of then. */
  readonly state: AgentState;
  readonly saved: AgentState | undefined;
  readonly #changes: Change[] = [];
  #recall: RecallStorage;
  #archival: ArchivalStorage;

  static async begin(store: AgentStore, begun: Pick<Attempt, "state" | "saved">): Promise<Attempt> {
    return new Attempt(store, { from: await store.journal.head(), ...begun });
  }

  private constructor(
    { recall, archival }: Pick<AgentStore, "recall" | "archival">,
    { from, state, saved }: Pick<Attempt, "from" | "state" | "saved">,
  ) {
    this.from = from;
    this.state = state;
    this.saved = saved;
    this.#recall = recall;
    this.#archival = archival;
  }

  /** In the order in which they are to be stored. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  get spent(): Spent[] {
    return this.#changes.flatMap(({ spent }) => spent ?? []);
  }

  /** Recall storage without what is to be taken back. */
  get recall(): RecallStorage {
    return this.#recall;
  }

  get archival(): ArchivalStorage {
    return this.#archival;
  }

  add(change: Change): void {
    this.#changes.push(change);
    const { messages, passages } = change.retracted ?? { messages: [], passages: [] };
    if (messages.length > 0) this.#recall = this.#recall.without(messages);
    if (passages.length > 0) this.#archival = this.#archival.without(passages);
  }
}
