import type { Utterance } from "../../src/ports/recall.ts";
import type { TimeRange } from "../../src/schema/page.ts";
import type {
  Conversation,
  ConversationFilter,
  ConversationIndex,
  Line,
  Match,
  NumberedPassage,
  PassageIndex,
  PassageFilter,
  Passages,
  TextIndex,
} from "../../src/ports/text-index.ts";
import { termsIn } from "../../src/search/analyze.ts";
import { phrasesOf } from "../../src/search/match.ts";
import { nameKey } from "../../src/search/recall/who.ts";

/** Texts in memory, looked through one by one: what an index must find, in the fewest words. */
type Document = { readonly n: number; readonly text: string; readonly terms: readonly string[] };

function document(n: number, text: string): Document {
  return { n, text, terms: termsIn(text) };
}

function textIndex<D extends Document>(
  all: readonly D[],
  last: number,
  passes: ((it: D) => boolean) | null,
): TextIndex {
  const passing = passes === null ? all : all.filter(passes);
  const matching = (match: Match, among: readonly D[]): D[] => among.filter((it) => matches(match, it));
  return {
    size: all.length,
    last,
    isNarrowed: passes !== null,
    frequencies: async (wanted) => wanted.map((match) => matching(match, all).length),
    count: async (match) => matching(match, passing).length,
    numbers: async (requests) =>
      requests.map(({ match, limit, to = Number.MAX_SAFE_INTEGER }) => {
        const found = matching(match, passing).filter(({ n }) => n <= to);
        return found.slice(Math.max(0, found.length - limit)).map(({ n }) => n);
      }),
    best: async (match, { limit, from }) => {
      const score = bm25(match, all);
      return matching(match, passing)
        .filter(({ n }) => n >= from)
        .map((it) => ({ n: it.n, score: Math.fround(score(it)) }))
        .sort((a, b) => b.score - a.score || b.n - a.n)
        .slice(0, limit);
    },
    texts: async (numbers) => passing.filter(({ n }) => numbers.includes(n)),
    admitted: async (numbers) =>
      passes === null ? new Set(numbers) : new Set(passing.map(({ n }) => n).filter((n) => numbers.includes(n))),
    matching: async (match, numbers) =>
      new Set(all.filter((it) => numbers.includes(it.n) && matches(match, it)).map(({ n }) => n)),
  };
}

function matches(match: Match, document: Document): boolean {
  if ("phrase" in match) return timesIn(match.phrase, document) > 0;
  // Phrases without terms, such as a lone punctuation mark, ask for nothing.
  const parts = ("all" in match ? match.all : match.any).filter((part) => phrasesOf(part).length > 0);
  if (parts.length === 0) return false;
  return "all" in match
    ? parts.every((part) => matches(part, document))
    : parts.some((part) => matches(part, document));
}

function timesIn(phrase: readonly string[], { terms }: Document): number {
  if (phrase.length === 0) return 0;
  return terms.filter((_, at) => phrase.every((term, i) => terms[at + i] === term)).length;
}

function bm25(match: Match, all: readonly Document[]): (document: Document) => number {
  const phrases = phrasesOf(match).map((phrase) => {
    const having = all.filter((it) => timesIn(phrase, it) > 0).length;
    const worth = Math.log((all.length - having + 0.5) / (having + 0.5));
    return { phrase, worth: worth <= 0 ? 1e-6 : worth };
  });
  const mean = all.reduce((sum, { terms }) => sum + terms.length, 0) / all.length;
  return (document) => {
    let score = 0;
    for (const { phrase, worth } of phrases) {
      const times = timesIn(phrase, document);
      score += (worth * (times * 2.2)) / (times + 1.2 * (1 - 0.75 + (0.75 * document.terms.length) / mean));
    }
    return score;
  };
}

type Said = Document & Line & { readonly id: string };

/** A conversation that is never taken back. */
export class MemoryConversation implements Conversation {
  readonly #lines: readonly Said[];

  constructor(lines: readonly (Utterance & Line)[]) {
    this.#lines = lines.map((line) => ({ ...line, ...document(line.n, line.text) }));
  }

  async generation(): Promise<string> {
    return "0";
  }

  async numbersOf(ids: readonly string[]): Promise<number[]> {
    return this.#lines.filter(({ id }) => ids.includes(id)).map(({ n }) => n);
  }

  async utterances(numbers: readonly number[]): Promise<(Utterance & { readonly n: number })[]> {
    return this.#lines
      .filter(({ n }) => numbers.includes(n))
      .map(({ n, id, role, speaker, session, text, createdAt }) => ({
        n,
        id,
        role,
        speaker,
        session,
        text,
        createdAt,
      }));
  }

  async view(filter: ConversationFilter): Promise<ConversationIndex> {
    const all = this.#lines;
    const speakers = [...new Set(all.flatMap(({ speaker }) => (speaker === null ? [] : [speaker])))].sort();
    const isOf = (line: Said, name: string): boolean => {
      const key = nameKey(name);
      const whole = speakers.filter((it) => nameKey(it) === key);
      const some = whole.length > 0 ? whole : speakers.filter((it) => nameKey(it).split(" ").includes(key));
      return line.speaker !== null && some.includes(line.speaker);
    };
    const { range, role, speaker, session } = filter;
    const isOpen = [range?.from, range?.to, role, speaker, session].every((it) => it === undefined);
    const passes = (line: Said): boolean =>
      isWithin(line.createdAt, range) &&
      (role === undefined || line.role === role) &&
      (speaker === undefined || isOf(line, speaker)) &&
      (session === undefined || line.session === session);
    const passing = isOpen ? all : all.filter(passes);
    return {
      ...textIndex(all, all.at(-1)?.n ?? 0, isOpen ? null : passes),
      sessions: [...new Set(all.map((line) => line.session))],
      speakers,
      during: async (spans, limit = Number.MAX_SAFE_INTEGER) =>
        spans.map(({ from, to }) =>
          passing
            .filter(({ createdAt }) => Date.parse(createdAt) >= from && Date.parse(createdAt) < to)
            .sort((a, b) => a.createdAt.localeCompare(b.createdAt))
            .slice(0, limit)
            .map(({ n }) => n),
        ),
      lines: async (ranges) => all.filter(({ n }) => ranges.some(([first, last]) => n >= first && n <= last)),
      saidBy: async (numbers, voice) => {
        const theirs = (line: Said): boolean =>
          line.speaker === null ? line.role === voice.role : isOf(line, voice.speaker);
        return new Set(all.filter((line) => numbers.includes(line.n) && theirs(line)).map(({ n }) => n));
      },
      allSaidBy: async (name) =>
        passing
          .filter((line) => isOf(line, name))
          .map(({ n }) => n)
          .reverse(),
      extent: async (first) => {
        const times = all.filter((line) => line.session === first).map(({ createdAt }) => createdAt);
        const [from, to] = [times.toSorted()[0], times.toSorted().at(-1)];
        return from === undefined || to === undefined ? undefined : { size: times.length, from, to };
      },
    };
  }
}

/** Passages that are never taken back. */
export class MemoryPassages implements Passages {
  readonly #passages: readonly (Document & NumberedPassage)[];

  constructor(passages: readonly NumberedPassage[]) {
    this.#passages = passages.map((it) => ({ ...it, ...document(it.n, it.text) }));
  }

  async generation(): Promise<string> {
    return "0";
  }

  async numbersOf(ids: readonly string[]): Promise<number[]> {
    return this.#passages.filter(({ id }) => ids.includes(id)).map(({ n }) => n);
  }

  async passages(numbers: readonly number[]): Promise<NumberedPassage[]> {
    return this.#passages
      .filter(({ n }) => numbers.includes(n))
      .map(({ n, id, text, createdAt, origin }) => ({ n, id, text, createdAt, origin }));
  }

  async view(narrowed: PassageFilter = {}): Promise<PassageIndex> {
    const all = this.#passages;
    const isOpen = [narrowed.from, narrowed.to, narrowed.origin].every((it) => it === undefined);
    const isPassing = ({ createdAt, origin }: NumberedPassage): boolean =>
      isWithin(createdAt, narrowed) && isFrom(origin, narrowed.origin);
    const passing = all.filter(isPassing);
    return {
      ...textIndex(all, all.at(-1)?.n ?? 0, isOpen ? null : isPassing),
      texts: async (numbers) =>
        passing
          .filter(({ n }) => numbers.includes(n))
          .map(({ n, id, text, createdAt, origin }) => ({ n, id, text, createdAt, origin })),
      sittings: async () =>
        all.flatMap(({ n, createdAt }, i) => {
          const pause = Math.abs(Date.parse(createdAt) - Date.parse(all[i - 1]?.createdAt ?? ""));
          return pause <= 3_600_000 ? [] : [n];
        }),
    };
  }
}

function isFrom(origin: string | undefined, wanted: string | undefined): boolean {
  return wanted === undefined || origin === wanted || origin?.startsWith(`${wanted}:`) === true;
}

function isWithin(time: string, { from = "", to = "~" }: TimeRange = {}): boolean {
  return time >= from && time < to;
}
