import type { AgentStore } from "../ports/agent-store.ts";
import type { ArchivalStorage } from "../ports/archival.ts";
import type { Change } from "../ports/history.ts";
import type { RecallStorage } from "../ports/recall.ts";
import type { Spent } from "../schema/spent.ts";
import type { AgentState } from "../schema/state.ts";

/**
 * The changes of a retry before its first step is finished. None is stored yet: no transaction stays open while the model
 * thinks, and a retry that is dropped or killed leaves no trace.
 */
export class Attempt {
  /** The newest operation when it began. */
  readonly from: number;
  /** The state when it began, and the state of the last checkpoint then. */
  readonly state: AgentState;
  readonly saved: AgentState | undefined;
  readonly #changes: Change[] = [];
  #recall: RecallStorage;
  #archival: ArchivalStorage;

  static async begin(store: AgentStore, begun: Pick<Attempt, "state" | "saved">): Promise<Attempt> {
    return new Attempt(store, { from: await store.history.journal.head(), ...begun });
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

  /** In the order in which to store them. */
  get changes(): readonly Change[] {
    return this.#changes;
  }

  get spent(): Spent[] {
    return this.#changes.flatMap(({ spent }) => spent ?? []);
  }

  /** Recall storage without the messages to be removed. */
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

type Reading = Pick<AgentStore, "recall" | "archival">;

/** The storages that a turn reads from: always those that `current` returns. */
export function readingIn(current: () => Reading): Reading {
  return {
    get recall() {
      return current().recall;
    },
    get archival() {
      return current().archival;
    },
  };
}
