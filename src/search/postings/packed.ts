/** The positions of a term in text number `n`, which has `length` terms. */
export type Posting = { readonly n: number; readonly length: number; readonly positions: readonly number[] };

/**
 * Packs postings of one term into a chunk of bytes. Chunks can be concatenated. A chunk has the number of its texts and the sizes
 * of the two parts that follow: for each text, the difference from the number before, its length and the number of occurrences;
 * then, for each text, the differences between positions. All are variable-length integers, low bits first.
 *
 * @param postings In ascending order of their numbers.
 */
export function packed(postings: readonly Posting[]): Uint8Array {
  const [heads, places]: [number[], number[]] = [[], []];
  let last = 0;
  for (const { n, length, positions } of postings) {
    append(heads, n - last);
    append(heads, length);
    append(heads, positions.length);
    last = n;
    let before = 0;
    for (const position of positions) {
      append(places, position - before);
      before = position;
    }
  }
  const sizes: number[] = [];
  for (const size of [postings.length, heads.length, places.length]) append(sizes, size);
  return Uint8Array.from([...sizes, ...heads, ...places]);
}

function append(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
}

/** The texts with a term, in the order in which they were packed. */
export class TermTexts {
  readonly numbers: number[] = [];
  readonly lengths: number[] = [];
  /** Occurrences of the term in each text. */
  readonly times: number[] = [];
  /** The packed positions, decoded on first use. */
  readonly #unread: Reader[] = [];
  #places: number[][] | undefined;

  /** @param parts Results of `packed`, in order of their numbers. */
  constructor(parts: readonly Uint8Array[]) {
    for (const part of parts) {
      const reader = new Reader(part);
      while (!reader.isAtEnd) this.#read(reader);
    }
  }

  /** The positions of the term in the text at `index`, ascending. */
  places(index: number): readonly number[] {
    this.#places ??= this.#readPlaces();
    return this.#places[index] ?? [];
  }

  #read(reader: Reader): void {
    const [count, , placesSize] = [reader.next(), reader.next(), reader.next()];
    let n = 0;
    for (let i = 0; i < count; i += 1) {
      n += reader.next();
      this.numbers.push(n);
      this.lengths.push(reader.next());
      this.times.push(reader.next());
    }
    this.#unread.push(reader.part(placesSize));
  }

  #readPlaces(): number[][] {
    const all: number[][] = [];
    for (const reader of this.#unread) {
      while (!reader.isAtEnd) {
        const places: number[] = [];
        let place = 0;
        for (let i = this.times[all.length] ?? 0; i > 0; i -= 1) {
          place += reader.next();
          places.push(place);
        }
        all.push(places);
      }
    }
    return all;
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  next(): number {
    let [value, unit] = [0, 1];
    for (;;) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte % 128) * unit;
      if (byte < 128) return value;
      unit *= 128;
    }
  }

  /** The next `size` bytes. */
  part(size: number): Reader {
    const start = this.#at;
    this.#at += size;
    return new Reader(this.#bytes.subarray(start, this.#at));
  }
}
