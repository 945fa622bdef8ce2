/** This many phrases are looked for one by one. */
const FEW = 16;

type PhraseIndex = {
  /** Length of the shortest phrase: the first characters of each phrase, this many, are its key. */
  readonly length: number;
  readonly byStart: ReadonlyMap<string, readonly string[]>;
};

const indexes = new WeakMap<readonly string[], PhraseIndex>();

/** Whether a text contains one of the phrases. Of many phrases an index is kept as long as their array is. */
export function containsAny(text: string, phrases: readonly string[]): boolean {
  if (phrases.length <= FEW) return phrases.some((phrase) => text.includes(phrase));
  const { length, byStart } = indexOf(phrases);
  for (let at = 0; at + length <= text.length; at += 1) {
    const candidates = byStart.get(text.slice(at, at + length));
    if (candidates?.some((phrase) => text.startsWith(phrase, at)) === true) return true;
  }
  return false;
}

function indexOf(phrases: readonly string[]): PhraseIndex {
  const known = indexes.get(phrases);
  if (known !== undefined) return known;
  const length = phrases.reduce((shortest, phrase) => Math.min(shortest, phrase.length), Infinity);
  const byStart = new Map<string, string[]>();
  for (const phrase of phrases) {
    const start = phrase.slice(0, length);
    byStart.set(start, [...(byStart.get(start) ?? []), phrase]);
  }
  const index = { length, byStart };
  indexes.set(phrases, index);
  return index;
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** `list.includes(item)`, for long lists that are asked often. */
export function isIn(list: readonly string[], item: string): boolean {
  let set = sets.get(list);
  if (set === undefined) sets.set(list, (set = new Set(list)));
  return set.has(item);
}
