import type { Line } from "../../ports/text-index.ts";

/** The mean of `values` over each line and up to `reach` lines to each side in its session, as far as they are among `lines`. */
export function meanAround(values: Float64Array, lines: readonly Line[], reach: number): Float64Array {
  return Float64Array.from(lines, ({ n, session }, at) => {
    let [sum, count] = [0, 0];
    for (let i = Math.max(0, at - reach); i <= Math.min(lines.length - 1, at + reach); i += 1) {
      const line = lines[i];
      if (line?.session !== session || Math.abs(line.n - n) > reach) continue;
      sum += values[i] ?? 0;
      count += 1;
    }
    return sum / count;
  });
}

/** Number of lines that stand for what a session is about. */
const TELLING = 3;

/** The mean of the three greatest of `values` in the session of each line. */
export function bestInSession(values: Float64Array, lines: readonly Line[]): Float64Array {
  const best = new Map<number, number[]>();
  for (const [i, { session }] of lines.entries()) {
    const value = values[i] ?? 0;
    const known = best.get(session);
    if (known === undefined) best.set(session, [value]);
    else if (known.length < TELLING) known.push(value);
    else {
      const least = Math.min(...known);
      if (value > least) known[known.indexOf(least)] = value;
    }
  }
  const means = new Map(
    [...best].map(([session, values]) => [session, values.reduce((sum, value) => sum + value, 0) / values.length]),
  );
  return Float64Array.from(lines, ({ session }) => means.get(session) ?? 0);
}
