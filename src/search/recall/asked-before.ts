import type { ConversationIndex, Line } from "../../ports/text-index.ts";
import { termsIn } from "../analyze.ts";
import { exactParts, parseQuery, partsOf } from "../query.ts";

type Ranked = { readonly n: number; readonly score: number };

/** Number of statements placed ahead of the person's own questions. Not more, so that questions stay close to their rank. */
const TELLING_FIRST = 20;
const MOST_READ = 200;
const AT_A_TIME = 50;

/**
 * Moves the person's own questions behind the first statements: an earlier question has all the words of a similar one, its
 * answer only some. Their scores are lowered to that of the last of these statements.
 */
export async function tellingFirst<T extends Ranked>(
  query: string,
  ranked: readonly T[],
  index: ConversationIndex,
  linesOf: LinesOf<T> = linesIn(index),
): Promise<readonly T[]> {
  const only = await onlyAsking(query, ranked, index, linesOf);
  if (only.size === 0) return ranked;
  const telling = ranked.filter(({ n }) => !only.has(n));
  const first = telling.slice(0, TELLING_FIRST);
  const lowest = first.at(-1)?.score ?? Number.POSITIVE_INFINITY;
  const asking = ranked.filter(({ n }) => only.has(n)).map((it) => ({ ...it, score: Math.min(it.score, lowest) }));
  // The remaining statements may have scored higher than some of the questions.
  return [...first, ...merged(asking, telling.slice(TELLING_FIRST))];
}

/** Whether all of `ranked`, of which at most `MOST_READ` are checked, are only the person's questions. */
export async function isAllAsked(query: string, ranked: readonly Ranked[], index: ConversationIndex): Promise<boolean> {
  return ranked.length <= MOST_READ && (await onlyAsking(query, ranked, index, linesIn(index))).size === ranked.length;
}

/** The best lines in which the person only asks. Stops once enough statements are known to go before them. */
async function onlyAsking<T extends Ranked>(
  query: string,
  ranked: readonly T[],
  index: ConversationIndex,
  linesOf: LinesOf<T>,
): Promise<ReadonlySet<number>> {
  const { terms, ...parts } = parseQuery(query);
  const queryTerms = new Set([...exactParts({ terms, ...parts }), ...terms].flatMap(termsIn));
  const only = new Set<number>();
  for (let from = 0; from < Math.min(ranked.length, MOST_READ); from += AT_A_TIME) {
    const some = ranked.slice(from, from + AT_A_TIME);
    const lines = await linesOf(some);
    const theirs = lines.filter(({ role, speaker }) => role === "user" && speaker === null).map(({ n }) => n);
    if (theirs.length > 0) {
      for (const { n, text } of await index.texts(theirs)) if (onlyAsks(text, queryTerms)) only.add(n);
    }
    if (from + some.length - only.size >= TELLING_FIRST) break;
  }
  return only;
}

/** Reads who said the ranked lines. */
type LinesOf<T> = (ranked: readonly T[]) => Promise<readonly Pick<Line, "n" | "role" | "speaker">[]>;

function linesIn(index: ConversationIndex): LinesOf<Ranked> {
  return async (ranked) => index.lines(ranked.map(({ n }) => [n, n] as const).sort(([a], [b]) => a - b));
}

/** By score; at equal scores, questions last. */
function merged<T extends Ranked>(asking: readonly T[], telling: readonly T[]): T[] {
  return [...telling, ...asking].sort((a, b) => b.score - a.score);
}

/** Up to this many words besides a question count as a greeting; with more, the line also states something. */
const MOST_BESIDE = 2;
const MOST_ASKED = 16;
const LONGEST = 400;

/** Whether `text` is a question that states nothing about the query's terms. */
function onlyAsks(text: string, queryTerms: ReadonlySet<string>): boolean {
  if (text.length > LONGEST) return false;
  const sentences = text.split(/(?<=[.!?…؟]["”')\]]*)\s+|(?<=[。！？])|\n/u).filter((it) => it.trim() !== "");
  const asked = sentences.filter(isAsked);
  if (asked.length === 0 || wordsIn(asked).length > MOST_ASKED) return false;
  const beside = wordsIn(sentences.filter((it) => !isAsked(it)));
  return beside.length <= MOST_BESIDE && !beside.flatMap(termsIn).some((term) => queryTerms.has(term));
}

function wordsIn(sentences: readonly string[]): string[] {
  const { terms, ...parts } = parseQuery(sentences.join(" "));
  return [...exactParts({ terms, ...parts }), ...terms.flatMap(partsOf)];
}

const AUXILIARY = "(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)";
/** Questions without a question mark: "what time is it", "did I tell you", "tell me when". "When I was young" is not one. */
const ASKED = new RegExp(
  `^\\W*(?:(?:who|whom|when|where|why|what|which|whose|how)(?:'s|\\s+${AUXILIARY})\\b|` +
    `(?:what|which|whose|how)(?:\\s+\\S+){1,2}?\\s+${AUXILIARY}\\s+(?:i|you|he|she|it|we|they|the|my|your|his|her|our|their)\\b|` +
    `${AUXILIARY}\\s+(?:i|you|he|she|it|we|they|my|our)\\b|(?:tell|remind) me\\s+(?:about|who|when|where|why|what|which|how)\\b)`,
  "iu",
);
/** Sounds like a question, but states something: a statement with a tag question, or a request for a favour. */
const TELLS =
  /,\s*(?:right|ok|okay|yes|no|correct|remember|(?:is|are|was|do|did|does|has|have)n['’]t \w+|oder|nicht wahr|verdad|non)\?\W*$|^\W*(?:can|could|would|will) you\s+(?:please\s+)?(?!(?:please|tell|remind|remember|recall|say|know|check|look|find)\b)/iu;

function isAsked(sentence: string): boolean {
  if (TELLS.test(sentence)) return false;
  return /[?？؟]["”'’)\]]*\s*$/u.test(sentence) || ASKED.test(sentence);
}
