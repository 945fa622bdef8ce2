import { mentionsIn } from "./concepts.ts";
import { decoded, turned } from "./decode.ts";
import { LEAKING_LINK, MARKERS, UNSEEN } from "./patterns.ts";
import { hidesText, plain, respelled, undisguised } from "./plain.ts";
import { type Match, type PoisonClass, ruleIn } from "./rules.ts";
import { LEARNED, LIKELY, type Likelihood, UNLIKELY, classOf, likelihoodOf } from "./score.ts";
import { signsIn } from "./signs.ts";

/** Why a text is held back from memory: the rule, the class of attack, and the words that matched. */
export type Suspicion = {
  readonly rule: string;
  readonly is: PoisonClass;
  /** How it was disguised; undefined if it was not. */
  readonly disguise?: "encoded" | "letters" | "split" | undefined;
  readonly excerpt: string;
};

/** Longer texts are checked in pieces that overlap. In UTF-16 code units. */
const PIECE = 4_000;
const OVERLAP = 300;

/**
 * Looks for what memory must not take in: instructions to the agent, exfiltration, another identity, calls, delayed orders,
 * markers of a prompt, hidden characters, and encodings of these.
 *
 * @param before The text just before `text` in its source: an order can be split over two passages.
 * @returns the first suspicion, if any. Rules do not recognise an order that is only implied.
 */
export function findSuspicion(text: string, before = ""): Suspicion | undefined {
  for (let from = 0; from === 0 || from < text.length - OVERLAP; from += PIECE - OVERLAP) {
    const suspicion = inPiece(text.slice(from, from + PIECE));
    if (suspicion !== undefined) return suspicion;
  }
  if (before === "") return undefined;
  const joined = `${before.slice(-OVERLAP)} ${text.slice(0, OVERLAP)}`;
  const suspicion = inPiece(joined);
  return suspicion === undefined || inPiece(before.slice(-OVERLAP)) !== undefined
    ? undefined
    : { ...suspicion, disguise: "split" };
}

function inPiece(text: string): Suspicion | undefined {
  const marker = [...MARKERS, ...LEAKING_LINK].map((pattern) => pattern.exec(text)).find((match) => match !== null);
  if (marker !== undefined) {
    const leaks = LEAKING_LINK.some((pattern) => pattern.test(text));
    return {
      rule: leaks ? "leaking-link" : "marker",
      is: leaks ? "exfiltration" : "markers",
      excerpt: around(text, marker.index),
    };
  }
  const read = plain(text);
  const direct = byRule(read);
  if (direct !== undefined) return direct;
  for (const hidden of decoded(text)) {
    const suspicion = byRule(plain(hidden));
    if (suspicion !== undefined) return { ...suspicion, disguise: "encoded" };
  }
  const together = respelled(text);
  const spelled = together === text ? read : plain(together);
  for (const letters of new Set([undisguised(read), spelled, spelled === read ? read : undisguised(spelled)])) {
    const suspicion = letters === read ? undefined : byRule(letters);
    if (suspicion !== undefined) return { ...suspicion, disguise: "letters" };
  }
  for (const other of turned(read)) {
    const suspicion = byRule(other);
    if (suspicion !== undefined) return { ...suspicion, disguise: "encoded" };
  }
  if (hidesText(text)) return { rule: "hidden-characters", is: "hidden", excerpt: around(read, 0) };
  for (const [, unseen = ""] of text.matchAll(UNSEEN)) {
    if (isOrder(plain(unseen))) return { rule: "unseen-element", is: "hidden", excerpt: around(plain(unseen), 0) };
  }
  return undefined;
}

/** Whether an invisible text gives an order, or addresses an assistant. */
function isOrder(text: string): boolean {
  return [...mentionsIn(text).values()].some((it) => it.has("oblige") || it.has("assistant") || it.has("addressed"));
}

function byRule(text: string): Suspicion | undefined {
  const signs = signsIn(text);
  const [found, likely] = [ruleIn(signs), likelihoodOf(signs)];
  if (found !== undefined && isBelieved(found, likely)) {
    return { rule: found.rule.id, is: found.rule.is, excerpt: around(text, found.at) };
  }
  return likely && likely.score > LIKELY
    ? { rule: "likely-order", is: classOf(likely.window), excerpt: around(text, likely.window.from) }
    : undefined;
}

/** A rule that harmless texts match too is believed unless the score speaks against it. */
function isBelieved({ rule, language }: Match, likely: Likelihood | undefined): boolean {
  return rule.vague !== true || !LEARNED.has(language) || (likely !== undefined && likely.score > UNLIKELY);
}

function around(text: string, at: number): string {
  return text.slice(Math.max(0, at - 20), at + 100).trim();
}
