type Line = { readonly n: number };

/** The number of the newest line, and how often lines were rewritten. */
export type Lines = { readonly newest: number; readonly rewritten: number };

/**
 * A span of lines, from `from` to `to`, that are known to have vectors. Lines are embedded from the newest down, and new ones come
 * on top, so a search for lines without vectors can skip the span.
 */
export class EmbeddedSpan {
  #known: { readonly model: string; readonly rewritten: number; from: number; to: number } | undefined;
  /** Lines below the span that were last found without a vector, with no others in between. */
  #missing: readonly number[] = [];

  /**
   * The newest lines without a vector, at most `count`.
   *
   * @param find Finds the newest lines without a vector, at most `most`, with numbers above `above` and below `below`.
   */
  async next<T extends Line>(
    { model, count, newest, rewritten }: Lines & { readonly model: string; readonly count: number },
    find: (range: { above: number; below: number; most: number }) => Promise<readonly T[]>,
  ): Promise<T[]> {
    const known = this.#knownOf(model, { newest, rewritten });
    const added = await find({ above: known.to, below: newest + 1, most: count });
    if (added.length === 0) known.to = newest;
    if (added.length === count) return [...added];
    const older = await find({ above: 0, below: known.from, most: count - added.length });
    if (older.length === 0) known.from = 1;
    this.#missing = older.map(({ n }) => n);
    return [...added, ...older];
  }

  /** Records lines that now have a vector. */
  add(model: string, lines: readonly Line[]): void {
    const added = new Set(lines.map(({ n }) => n));
    if (this.#known?.model !== model || !this.#missing.every((n) => added.has(n))) return;
    this.#known.from = Math.min(this.#known.from, ...this.#missing);
    this.#missing = [];
  }

  #knownOf(model: string, { newest, rewritten }: Lines): { from: number; to: number } {
    if (this.#known?.model === model && this.#known.rewritten === rewritten) return this.#known;
    this.#missing = [];
    this.#known = { model, rewritten, from: newest + 1, to: newest };
    return this.#known;
  }
}
