/** Receives what a person should know: how storage was repaired, why a search used no vectors. */
export type NoticeSink = (notice: string) => void;

/** Collects notices, each once. */
export class NoticeList {
  readonly #all: string[] = [];
  /** Adds a notice, unless it is in the list. Bound, so it can be passed as a `NoticeSink`. */
  readonly add: NoticeSink = (notice) => {
    if (!this.#all.includes(notice)) this.#all.push(notice);
  };

  /** Oldest first. */
  get all(): readonly string[] {
    return this.#all;
  }
}
