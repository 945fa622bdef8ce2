/** Milliseconds per call. */
export type Latency = { readonly p50: number; readonly p95: number };

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Rounds a figure as reports show it. */
export function rounded(value: number, places = 4): number {
  return Number(value.toFixed(places));
}

/** Median and 95th percentile by nearest rank, to hundredths. */
export function latencyOf(milliseconds: readonly number[]): Latency {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): number => rounded(sorted[Math.ceil(share * sorted.length) - 1] ?? 0, 2);
  return { p50: at(0.5), p95: at(0.95) };
}

/** Share of `gold` among the first `k`; 1 if `gold` is empty. Repeated ids count repeatedly. */
export function recallAt(gold: readonly string[], ranked: readonly string[], k: number): number {
  if (gold.length === 0) return 1;
  const found = new Set(ranked.slice(0, k));
  return gold.filter((id) => found.has(id)).length / gold.length;
}

/** 1 if any of `gold` is among the first `k`, else 0. */
export function anyAt(gold: readonly string[], ranked: readonly string[], k: number): number {
  const found = new Set(ranked.slice(0, k));
  return gold.some((id) => found.has(id)) ? 1 : 0;
}

/** The mean of each named number over all items. */
export function means<Name extends string>(items: readonly Readonly<Record<Name, number>>[]): Record<Name, number> {
  const names = Object.keys(items[0] ?? {}) as Name[];
  const entries = names.map((name) => [name, rounded(mean(items.map((item) => item[name])))] as const);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/**
 * ROUGE-L recall: the longest common subsequence of words divided by the length of `gold`. Words are runs of ASCII letters
 * and digits in any case, without stemming.
 *
 * @source Lin 2004, "ROUGE: a package for automatic evaluation of summaries", section 3
 */
export function rougeLRecall(gold: string, said: string): number {
  const [expected, words] = [wordsOf(gold), wordsOf(said)];
  if (expected.length === 0) return 0;
  let before = new Array<number>(words.length + 1).fill(0);
  for (const word of expected) {
    const row = [0];
    for (const [index, other] of words.entries()) {
      row.push(word === other ? (before[index] ?? 0) + 1 : Math.max(before[index + 1] ?? 0, row[index] ?? 0));
    }
    before = row;
  }
  return (before.at(-1) ?? 0) / expected.length;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}
