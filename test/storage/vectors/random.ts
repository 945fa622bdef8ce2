/** Vectors in groups, as those of texts are, and the same in every run. */
export function randomVectors(count: number, dimensions: number, seed = 1): Float32Array[] {
  const random = generator(seed);
  const centres = Array.from({ length: 20 }, () => Float32Array.from({ length: dimensions }, () => random() - 0.5));
  return Array.from({ length: count }, (_, i) => {
    const centre = centres[i % centres.length];
    return Float32Array.from({ length: dimensions }, (_, d) => (centre?.[d] ?? 0) + (random() - 0.5));
  });
}

/** @source mulberry32, public domain */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
