import WEIGHTS from "./weights.json" with { type: "json" };
import type { PoisonClass } from "./rules.ts";
import type { Signs } from "./signs.ts";

/** One or two neighbouring sentences, and the signs in it in words of one language. */
export type Window = { readonly language: string; readonly from: number; readonly signs: readonly string[] };

/** How much a text reads like an order to an agent, where it does most. 0 is as likely as not. */
export type Likelihood = { readonly score: number; readonly window: Window };

/** Languages that the weights were learned in. Attacks in others are left to the rules. */
export const LEARNED: ReadonlySet<string> = new Set(["en", "de", "fr", "es", "it", "pt", "ru", "zh", "ja", "ar"]);

/** A score above which a text is suspected whatever the rules say, and one below which a vague rule is not believed. */
export const LIKELY = 1;
export const UNLIKELY = -1.2;

/** Longer sentences are looked at in overlapping halves of this length. In UTF-16 code units. */
const LONGEST = 300;

/** Fewer signs than this say nothing. */
const FEWEST = 2;

/** What each class of attack is about, to name a suspicion that no rule names. */
const ABOUT: Readonly<Partial<Record<PoisonClass, readonly string[]>>> = {
  instructions: ["override", "invalid", "instructions", "limits", "maker", "everything", "reveal", "prompt"],
  identity: ["naming", "becoming", "unbound"],
  exfiltration: ["transmit", "send", "data", "private", "target", "destination"],
  secrecy: ["conceal", "withhold"],
  function: ["running", "call", "tool", "function", "function_name", "own_function", "paying", "money", "unasked"],
  trigger: ["occasion", "trigger", "topic", "asks", "someone", "quoted"],
  memory: ["erasing", "erase", "storing", "save", "recall", "memory", "record", "equal", "number", "agreed"],
};

/** What a sign adds to the score, alone and together with each sign after it in the alphabet. */
type Weight = { alone: number; readonly beside: Map<string, number> };

/** The window that reads most like an order to an agent; undefined for a text with too few signs. */
export function likelihoodOf(signs: Signs): Likelihood | undefined {
  let best: Likelihood | undefined;
  for (const window of windowsOf(signs)) {
    const score = WEIGHTS.bias + scoreOf(window.signs);
    if (best === undefined || score > best.score) best = { score, window };
  }
  return best;
}

let weights: ReadonlyMap<string, Weight> | undefined;

/** What the signs, in alphabetical order, add up to. */
function scoreOf(signs: readonly string[]): number {
  weights ??= weightsBySign();
  let sum = 0;
  for (let index = 0; index < signs.length; index += 1) {
    const weight = weights.get(signs[index] ?? "");
    if (weight === undefined) continue;
    sum += weight.alone;
    for (let other = index + 1; other < signs.length; other += 1) sum += weight.beside.get(signs[other] ?? "") ?? 0;
  }
  return sum;
}

/** From names of one sign, or of two in alphabetical order. */
function weightsBySign(): Map<string, Weight> {
  const bySign = new Map<string, Weight>();
  for (const [feature, value] of Object.entries(WEIGHTS.weights)) {
    const [sign = "", other] = feature.split(" ");
    const weight = bySign.get(sign) ?? { alone: 0, beside: new Map<string, number>() };
    bySign.set(sign, weight);
    if (other === undefined) weight.alone = value;
    else weight.beside.set(other, value);
  }
  return bySign;
}

/** The signs of a window, and each two of them. */
export function* featuresOf(signs: readonly string[]): Generator<string> {
  for (const [index, sign] of signs.entries()) {
    yield sign;
    for (const other of signs.slice(index + 1)) yield `${sign} ${other}`;
  }
}

export function windowsOf({ text, neutral, languages }: Signs): Window[] {
  const spans = spansOf(text);
  return [...languages]
    .filter(([language]) => LEARNED.has(language))
    .flatMap(([language, mentions]) => {
      const inLanguage = spread(mentions);
      const everywhere = spread(Object.entries(neutral));
      return spans.flatMap(([from, to]) => {
        const found = new Set(within(inLanguage, from, to));
        if (found.size < FEWEST) return [];
        for (const sign of within(everywhere, from, to)) found.add(sign);
        return [{ language, from, signs: [...found].sort() }];
      });
    });
}

type Placed = { readonly sign: string; readonly at: number };

function spread(places: Iterable<readonly [string, readonly number[]]>): Placed[] {
  return [...places]
    .flatMap(([sign, positions]) => positions.map((at) => ({ sign, at })))
    .sort((one, other) => one.at - other.at);
}

/** The signs of `placed`, which is in order, in `from` to `to`. */
function within(placed: readonly Placed[], from: number, to: number): string[] {
  let [low, high] = [0, placed.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((placed[middle]?.at ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  const found: string[] = [];
  for (let index = low; (placed[index]?.at ?? to) < to; index += 1) found.push(placed[index]?.sign ?? "");
  return found;
}

/** Each sentence, alone and with the next. */
function spansOf(text: string): [from: number, to: number][] {
  const cuts = [0];
  for (const { index, 0: end } of text.matchAll(/[.!?]\s|[。！？؟।]/gu)) cuts.push(index + end.length);
  if (cuts.at(-1) !== text.length) cuts.push(text.length);
  const spans: [number, number][] = [];
  for (const [index, from] of cuts.slice(0, -1).entries()) {
    const [to = text.length, after = to] = cuts.slice(index + 1);
    if (to - from <= LONGEST) {
      spans.push([from, to]);
      if (after > to && after - from <= LONGEST) spans.push([from, after]);
      continue;
    }
    for (let start = from; start < to; start += LONGEST / 2) spans.push([start, Math.min(start + LONGEST, to)]);
  }
  return spans;
}

/** What a window is about most, to name a suspicion that no rule names. */
export function classOf({ signs }: Window): PoisonClass {
  const values: Readonly<Record<string, number>> = WEIGHTS.weights;
  const features = [...featuresOf(signs)];
  let [name, most]: [PoisonClass, number] = ["instructions", 0];
  for (const [is, about] of Object.entries(ABOUT)) {
    let sum = 0;
    for (const feature of features)
      if (feature.split(" ").some((it) => about.includes(it))) sum += values[feature] ?? 0;
    if (sum > most) [name, most] = [is as PoisonClass, sum];
  }
  return name;
}
