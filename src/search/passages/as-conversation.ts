import type { ConversationIndex, Line, NumberedPassage, PassageIndex } from "../../ports/text-index.ts";
import { traitsOf } from "../recall/traits.ts";
import { lowerBound } from "../recall/surroundings.ts";

/** A passage up to this many characters is a line such as people say. */
const LONGEST_LINE = 300;

/** Passages count as lines of a conversation if at least this many were looked at, and this share of them looks like it. */
const FEWEST = 50;
const SHARE = 0.8;

/** Whether most of `passages`, which are some of `index`, are lines. */
export function areLines(
  passages: readonly { readonly text: string }[],
  { size, sittings }: Pick<PassageIndex, "size" | "sittings">,
): boolean {
  if (sittings === undefined) return false;
  const lines = passages.filter(({ text }) => text.length <= LONGEST_LINE).length;
  return size >= FEWEST && passages.length > 0 && lines >= SHARE * passages.length;
}

/**
 * Short passages that were kept one after another as the lines of a conversation: what stands around a line then tells what
 * it is about. Nobody is known to have spoken.
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
    const said = text.toLowerCase();
    const number = gists.get(said) ?? gists.size;
    gists.set(said, number);
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
