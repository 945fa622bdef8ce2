/** Up to this many phrases are searched for one by one. */
const FEW = 16;

/**
 * Phrases by a hash of their first characters. Typed arrays, because there may be a hundred thousand phrases. `first` maps a
 * hash to the index of a phrase plus 1 (0: none); `next` maps a phrase to the next one with the same hash.
 */
type PhraseIndex = {
  /** Number of characters hashed: the length of the shortest phrase. */
  readonly length: number;
  readonly first: Uint32Array;
  readonly next: Uint32Array;
};

const indexes = new WeakMap<readonly string[], PhraseIndex>();

/** Whether a text contains one of the phrases. An index of many phrases is cached as long as their array lives. */
export function containsAny(text: string, phrases: readonly string[]): boolean {
  if (phrases.length <= FEW) return phrases.some((phrase) => text.includes(phrase));
  const { length, first, next } = indexOf(phrases);
  for (let at = 0; at + length <= text.length; at += 1) {
    for (let place = first[hashOf(text, at, length) % first.length] ?? 0; place > 0; place = next[place - 1] ?? 0) {
      if (text.startsWith(phrases[place - 1] ?? "", at)) return true;
    }
  }
  return false;
}

function indexOf(phrases: readonly string[]): PhraseIndex {
  const known = indexes.get(phrases);
  if (known !== undefined) return known;
  const length = phrases.reduce((shortest, phrase) => Math.min(shortest, phrase.length), Infinity);
  const [first, next] = [new Uint32Array(2 * phrases.length + 1), new Uint32Array(phrases.length)];
  for (const [place, phrase] of phrases.entries()) {
    const slot = hashOf(phrase, 0, length) % first.length;
    next[place] = first[slot] ?? 0;
    first[slot] = place + 1;
  }
  const index = { length, first, next };
  indexes.set(phrases, index);
  return index;
}

/** @source FNV-1a, over code units. */
function hashOf(text: string, from: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < from + length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** `list.includes(item)`, for long lists that are asked often. */
export function isIn(list: readonly string[], item: string): boolean {
  let set = sets.get(list);
  if (set === undefined) sets.set(list, (set = new Set(list)));
  return set.has(item);
}
