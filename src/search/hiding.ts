import type { ListRequest } from "../schema/page.ts";
import type { Conversation, ConversationIndex, Match, PassageIndex, Passages, TextIndex } from "../ports/text-index.ts";

/** `conversation` without the messages with these ids. Their words still count in BM25 scores. */
export function hidingLines(conversation: Conversation, ids: readonly string[]): Conversation {
  return {
    generation: () => conversation.generation(),
    numbersOf: async (wanted) => conversation.numbersOf(wanted.filter((id) => !ids.includes(id))),
    utterances: (numbers) => conversation.utterances(numbers),
    view: async (filter) => {
      const index = await conversation.view(filter);
      return hidingIn(index, await conversation.numbersOf(ids));
    },
  };
}

/** `passages` without those with these ids. */
export function hidingPassages(passages: Passages, ids: readonly string[]): Passages {
  return {
    generation: () => passages.generation(),
    numbersOf: async (wanted) => passages.numbersOf(wanted.filter((id) => !ids.includes(id))),
    passages: (numbers) => passages.passages(numbers),
    view: async (range) => {
      const index = await passages.view(range);
      const hidden = await passages.numbersOf(ids);
      const texts: PassageIndex["texts"] = async (numbers) => index.texts(without(numbers, hidden));
      return { ...hidingTexts(index, hidden), texts, sittings: index.sittings };
    },
  };
}

/** Part of a list without its hidden items. `list` is asked for as many more. */
export async function shownOf<T extends { readonly id: string }>(
  request: ListRequest,
  hidden: ReadonlySet<string>,
  list: (request: ListRequest) => Promise<T[]>,
): Promise<T[]> {
  const { count, after, before } = request;
  const found = await list({ ...request, count: count + hidden.size });
  const shown = found.filter(({ id }) => !hidden.has(id));
  // With `before` alone, the items wanted are the last ones.
  const isFromTheEnd = before !== undefined && after === undefined;
  return isFromTheEnd ? shown.slice(Math.max(0, shown.length - count)) : shown.slice(0, count);
}

function hidingIn(index: ConversationIndex, hidden: readonly number[]): ConversationIndex {
  const shown = (numbers: readonly number[]): readonly number[] => without(numbers, hidden);
  const lines: ConversationIndex["lines"] = async (ranges) =>
    (await index.lines(ranges)).filter(({ n }) => !hidden.includes(n));
  return {
    ...hidingTexts(index, hidden),
    sessions: index.sessions,
    speakers: index.speakers,
    during: async (spans, limit) => {
      const more = limit === undefined ? undefined : limit + hidden.length;
      return (await index.during(spans, more)).map((numbers) => shown(numbers).slice(0, limit));
    },
    lines,
    saidBy: async (numbers, voice) => index.saidBy(shown(numbers), voice),
    allSaidBy: async (speaker) => shown(await index.allSaidBy(speaker)),
    extent: async (first) => {
      const affected = await index.lines(hidden.toSorted((a, b) => a - b).map((n) => [n, n]));
      if (!affected.some(({ session }) => session === first)) return index.extent(first);
      const next = index.sessions.find((session) => session > first) ?? index.last + 1;
      const remaining = (await lines([[first, next - 1]])).filter(({ session }) => session === first);
      const times = remaining.map(({ createdAt }) => createdAt).sort();
      const [from, to] = [times[0], times.at(-1)];
      return from === undefined || to === undefined ? undefined : { size: remaining.length, from, to };
    },
  };
}

function hidingTexts(index: TextIndex, hidden: readonly number[]): TextIndex {
  const shown = (numbers: readonly number[]): readonly number[] => without(numbers, hidden);
  const hiddenMatching = async (match: Match, among: readonly number[]): Promise<number> =>
    among.length === 0 ? 0 : (await index.matching(match, among)).size;
  return {
    size: index.size - hidden.length,
    last: index.last,
    isNarrowed: index.isNarrowed,
    frequencies: async (matches) => {
      const counts = await index.frequencies(matches);
      const fewer = await Promise.all(matches.map((match) => hiddenMatching(match, hidden)));
      return counts.map((count, i) => count - (fewer[i] ?? 0));
    },
    count: async (match) => {
      const passing = await index.admitted(hidden);
      return (await index.count(match)) - (await hiddenMatching(match, [...passing]));
    },
    numbers: async (requests) => {
      const found = await index.numbers(requests.map((it) => ({ ...it, limit: it.limit + hidden.length })));
      return found.map((numbers, i) => newest(shown(numbers), requests[i]?.limit ?? 0));
    },
    best: async (match, { limit, from }) => {
      const found = await index.best(match, { limit: limit + hidden.length, from });
      return found.filter(({ n }) => !hidden.includes(n)).slice(0, limit);
    },
    texts: async (numbers) => index.texts(shown(numbers)),
    admitted: async (numbers) => index.admitted(shown(numbers)),
    matching: async (match, numbers) => index.matching(match, shown(numbers)),
  };
}

function without(numbers: readonly number[], hidden: readonly number[]): readonly number[] {
  return hidden.length === 0 ? numbers : numbers.filter((n) => !hidden.includes(n));
}

function newest(numbers: readonly number[], limit: number): readonly number[] {
  return numbers.slice(Math.max(0, numbers.length - limit));
}
