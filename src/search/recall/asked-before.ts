import type { ConversationIndex } from "../../ports/text-index.ts";
import { termsIn } from "../analyze.ts";
import { exactParts, parseQuery, partsOf } from "../query.ts";

type Ranked = { readonly n: number; readonly score: number };

/** Number of statements placed ahead of the person's own questions, so that the questions stay close to where they ranked. */
const TELLING_FIRST = 20;
const MOST_READ = 200;
const AT_A_TIME = 50;

/**
 * The same lines, but what the person once asked comes after the first lines that tell something: a question has all words
 * of the next one like it, and its answer has some. A score is lowered to that of the line it then follows.
 */
export async function tellingFirst<T extends Ranked>(
  query: string,
  ranked: readonly T[],
  index: ConversationIndex,
): Promise<readonly T[]> {
  const only = await onlyAsking(query, ranked, index);
  if (only.size === 0) return ranked;
  const telling = ranked.filter(({ n }) => !only.has(n));
  const first = telling.slice(0, TELLING_FIRST);
  const lowest = first.at(-1)?.score ?? Number.POSITIVE_INFINITY;
  const asking = ranked.filter(({ n }) => only.has(n)).map((it) => ({ ...it, score: Math.min(it.score, lowest) }));
  // What is left of the others may have scored more than some of the questions.
  return [...first, ...merged(asking, telling.slice(TELLING_FIRST))];
}

/** Whether the person did nothing but ask in all of `ranked`, as far as that is read. */
export async function isAllAsked(query: string, ranked: readonly Ranked[], index: ConversationIndex): Promise<boolean> {
  return ranked.length <= MOST_READ && (await onlyAsking(query, ranked, index)).size === ranked.length;
}

/** Those of the best lines in which the person only asks; read as far as it takes to know what goes before them. */
async function onlyAsking(
  query: string,
  ranked: readonly Ranked[],
  index: ConversationIndex,
): Promise<ReadonlySet<number>> {
  const { terms, ...parts } = parseQuery(query);
  const wanted = new Set([...exactParts({ terms, ...parts }), ...terms].flatMap(termsIn));
  const only = new Set<number>();
  for (let from = 0; from < Math.min(ranked.length, MOST_READ); from += AT_A_TIME) {
    const numbers = ranked.slice(from, from + AT_A_TIME).map(({ n }) => n);
    const lines = await index.lines(numbers.toSorted((a, b) => a - b).map((n) => [n, n] as const));
    const theirs = lines.filter(({ role, speaker }) => role === "user" && speaker === null).map(({ n }) => n);
    for (const { n, text } of await index.texts(theirs)) if (onlyAsks(text, wanted)) only.add(n);
    if (from + numbers.length - only.size >= TELLING_FIRST) break;
  }
  return only;
}

/** In order of score; of equals the questions last. */
function merged<T extends Ranked>(asking: readonly T[], telling: readonly T[]): T[] {
  return [...telling, ...asking].sort((a, b) => b.score - a.score);
}

/** Up to this many words beside a question are taken for a greeting; with more, the line tells something too. */
const MOST_BESIDE = 2;
const MOST_ASKED = 16;
const LONGEST = 400;

/** Whether `text` asks and, of what is `wanted`, tells nothing. */
function onlyAsks(text: string, wanted: ReadonlySet<string>): boolean {
  if (text.length > LONGEST) return false;
  const sentences = text.split(/(?<=[.!?…؟]["”')\]]*)\s+|(?<=[。！？])|\n/u).filter((it) => it.trim() !== "");
  const asked = sentences.filter(isAsked);
  if (asked.length === 0 || wordsIn(asked).length > MOST_ASKED) return false;
  const beside = wordsIn(sentences.filter((it) => !isAsked(it)));
  return beside.length <= MOST_BESIDE && !beside.flatMap(termsIn).some((term) => wanted.has(term));
}

function wordsIn(sentences: readonly string[]): string[] {
  const { terms, ...parts } = parseQuery(sentences.join(" "));
  return [...exactParts({ terms, ...parts }), ...terms.flatMap(partsOf)];
}

const AUXILIARY = "(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)";
/** Without a question mark: "what time is it", "did I tell you", "tell me when". "When I was young" asks nothing. */
const ASKED = new RegExp(
  `^\\W*(?:(?:who|whom|when|where|why|what|which|whose|how)(?:'s|\\s+${AUXILIARY})\\b|` +
    `(?:what|which|whose|how)(?:\\s+\\S+){1,2}?\\s+${AUXILIARY}\\s+(?:i|you|he|she|it|we|they|the|my|your|his|her|our|their)\\b|` +
    `${AUXILIARY}\\s+(?:i|you|he|she|it|we|they|my|our)\\b|(?:tell|remind) me\\s+(?:about|who|when|where|why|what|which|how)\\b)`,
  "iu",
);
/** What sounds like a question and tells something: a statement that wants a yes, and a favour that is asked for. */
const TELLS =
  /,\s*(?:right|ok|okay|yes|no|correct|remember|(?:is|are|was|do|did|does|has|have)n['’]t \w+|oder|nicht wahr|verdad|non)\?\W*$|^\W*(?:can|could|would|will) you\s+(?:please\s+)?(?!(?:please|tell|remind|remember|recall|say|know|check|look|find)\b)/iu;

function isAsked(sentence: string): boolean {
  if (TELLS.test(sentence)) return false;
  return /[?？؟]["”'’)\]]*\s*$/u.test(sentence) || ASKED.test(sentence);
}
