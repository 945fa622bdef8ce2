/** So many lists are remembered: an agent pages through one or two at a time. */
const MOST_LISTS = 8;

/** Result lists of the latest searches by what was asked, so that all pages of one search are cut from the same list. */
export class ResultLists<List> {
  readonly #lists = new Map<string, List>();

  get(key: string): List | undefined {
    return this.#lists.get(key);
  }

  clear(): void {
    this.#lists.clear();
  }

  /** Forgets the oldest list where there are too many. */
  remember(key: string, list: List): void {
    this.#lists.delete(key);
    this.#lists.set(key, list);
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > MOST_LISTS && oldest !== undefined) this.#lists.delete(oldest);
  }
}
