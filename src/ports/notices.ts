/** Takes what a person should know: how storage was mended, why a search had to do without vectors. */
export type NoticeSink = (notice: string) => void;

/** Collects notices, each once. */
export class NoticeList {
  readonly #all: string[] = [];
  /** Adds a notice, unless it is in the list. Can be handed on as it is. */
  readonly add: NoticeSink = (notice) => {
    if (!this.#all.includes(notice)) this.#all.push(notice);
  };

  /** Oldest first. */
  get all(): readonly string[] {
    return this.#all;
  }
}
