import type { Line } from "../../ports/text-index.ts";

/** For each line, the mean of `values` over the lines of its session up to `reach` away, as far as they are among `lines`. */
export function meanAround(values: Float64Array, lines: readonly Line[], reach: number): Float64Array {
  if (values.length === 0) return values;
  const means = new Float64Array(lines.length);
  lines.forEach(({ n, session }, at) => {
    let sum = 0;
    let count = 0;
    for (let i = Math.max(0, at - reach); i <= Math.min(lines.length - 1, at + reach); i += 1) {
      const line = lines[i];
      if (line?.session !== session || Math.abs(line.n - n) > reach) continue;
      sum += values[i] ?? 0;
      count += 1;
    }
    means[at] = sum / count;
  });
  return means;
}

/** Number of best lines that represent a session. */
const TELLING = 3;

/** The mean of the three greatest of `values` in the session of each line. Lines are in order, and so are their sessions. */
export function bestInSession(values: Float64Array, lines: readonly Line[]): Float64Array {
  const means = new Float64Array(values.length);
  for (let from = 0; from < means.length;) {
    let to = from + 1;
    while (to < means.length && lines[to]?.session === lines[from]?.session) to += 1;
    means.fill(meanOfBest(values.subarray(from, to)), from, to);
    from = to;
  }
  return means;
}

function meanOfBest(values: Float64Array): number {
  const best = values.slice(0, TELLING);
  for (let i = TELLING; i < values.length; i += 1) {
    let least = 0;
    for (let k = 1; k < TELLING; k += 1) if ((best[k] ?? 0) < (best[least] ?? 0)) least = k;
    best[least] = Math.max(best[least] ?? 0, values[i] ?? 0);
  }
  let sum = 0;
  for (let k = 0; k < best.length; k += 1) sum += best[k] ?? 0;
  return sum / best.length;
}
