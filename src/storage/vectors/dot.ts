/** The dot product of a vector with a part of others. Four sums at once are about three times as fast as one. */
export function dot(one: Float32Array, many: Float32Array | Int8Array, start = 0, length = one.length): number {
  // Separate variables: adding to array elements takes twice as long.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    a += (one[i] ?? 0) * (many[start + i] ?? 0);
    b += (one[i + 1] ?? 0) * (many[start + i + 1] ?? 0);
    c += (one[i + 2] ?? 0) * (many[start + i + 2] ?? 0);
    d += (one[i + 3] ?? 0) * (many[start + i + 3] ?? 0);
  }
  for (; i < length; i += 1) a += (one[i] ?? 0) * (many[start + i] ?? 0);
  return a + b + c + d;
}
