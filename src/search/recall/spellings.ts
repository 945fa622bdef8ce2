import type { ConversationIndex } from "../../ports/text-index.ts";
import { MOST_PACKED, comparedWith, packCounts } from "../spelling.ts";

/** Most numbers cached, of two bytes each: the counts of about 20,000 lines. */
const MOST_KEPT = 2 ** 22;
const FIRST_ROOM = 2 * MOST_PACKED;

/** A cache of lines' counts across searches: reading and counting them again takes a third of a question's time. */
export class Spellings {
  readonly #most: number;
  readonly #places = new Map<number, number>();
  #kept = new Uint16Array(FIRST_ROOM);
  #length = 0;
  #generation = "";

  constructor(most = MOST_KEPT) {
    this.#most = most;
  }

  /**
   * How similar each line is to `question`; NaN for a line that the index lacks.
   *
   * @param generation The conversation's generation: when it changes, the cache is cleared, since lines may have changed.
   */
  async alikeTo(
    question: string,
    numbers: readonly number[],
    { index, generation }: { readonly index: Pick<ConversationIndex, "texts">; readonly generation: string },
  ): Promise<Float64Array> {
    if (generation !== this.#generation) this.#clear();
    this.#generation = generation;
    const compare = comparedWith(question);
    const alike = new Float64Array(numbers.length).fill(Number.NaN);
    const missing = new Map<number, number>();
    numbers.forEach((n, i) => {
      const place = this.#places.get(n);
      if (place === undefined) missing.set(n, i);
      else alike[i] = compare(this.#kept, place);
    });
    if (missing.size === 0) return alike;
    for (const { n, text } of await index.texts([...missing.keys()])) {
      const place = this.#add(text);
      // A concurrent search may have seen a new generation.
      if (generation === this.#generation) this.#places.set(n, place);
      alike[missing.get(n) ?? 0] = compare(this.#kept, place);
    }
    return alike;
  }

  /** @returns the index of the counts of `text`. Clears the cache if it is full. */
  #add(text: string): number {
    const isFull = this.#length + MOST_PACKED > this.#kept.length;
    if (isFull && this.#kept.length >= this.#most) this.#clear();
    else if (isFull) this.#grow();
    const place = this.#length;
    this.#length += packCounts(text, this.#kept.subarray(place));
    return place;
  }

  #grow(): void {
    const kept = new Uint16Array(Math.min(2 * this.#kept.length, Math.max(FIRST_ROOM, this.#most)));
    kept.set(this.#kept);
    this.#kept = kept;
  }

  #clear(): void {
    this.#places.clear();
    this.#length = 0;
  }
}
