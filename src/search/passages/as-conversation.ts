import type { ConversationIndex, Line, NumberedPassage, PassageIndex } from "../../ports/text-index.ts";
import { traitsOf } from "../recall/traits.ts";
import { lowerBound } from "../recall/surroundings.ts";

/** A passage up to this many characters looks like a line of conversation. */
const LONGEST_LINE = 300;

/** Passages count as lines of conversation if there are at least this many, and this share of those examined looks like it. */
const FEWEST = 50;
const SHARE = 0.8;

/** Whether most of `passages`, a sample of `index`, look like lines of conversation. */
export function areLines(
  passages: readonly { readonly text: string }[],
  { size, sittings }: Pick<PassageIndex, "size" | "sittings">,
): boolean {
  if (sittings === undefined) return false;
  const lines = passages.filter(({ text }) => text.length <= LONGEST_LINE).length;
  return size >= FEWEST && passages.length > 0 && lines >= SHARE * passages.length;
}

/**
 * Presents short passages, in the order of their storing, as the lines of a conversation, so that surrounding lines help ranking.
 * Their speakers are unknown.
 */
export async function asConversation(index: PassageIndex): Promise<ConversationIndex> {
  const sessions = (await index.sittings?.()) ?? [];
  const known = new Map<number, NumberedPassage>();
  const read = async (numbers: readonly number[]): Promise<NumberedPassage[]> => {
    for (const passage of await index.texts(numbers.filter((n) => !known.has(n)))) known.set(passage.n, passage);
    return numbers.flatMap((n) => known.get(n) ?? []);
  };
  const gists = new Map<string, number>();
  const gist = (text: string): number => {
    const key = text.toLowerCase();
    const number = gists.get(key) ?? gists.size;
    gists.set(key, number);
    return number;
  };
  const toLine = ({ n, text, createdAt }: NumberedPassage): Line => ({
    n,
    session: sessions[lowerBound(sessions, n + 1) - 1] ?? n,
    role: "user",
    speaker: null,
    createdAt,
    traits: traitsOf(text),
    gist: gist(text),
  });
  return {
    ...index,
    sessions,
    speakers: [],
    texts: read,
    during: async (spans) => spans.map(() => []),
    lines: async (ranges) => {
      const numbers = ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      return (await read(numbers)).map(toLine);
    },
    saidBy: async () => new Set(),
    allSaidBy: async () => [],
    extent: async () => undefined,
  };
}
