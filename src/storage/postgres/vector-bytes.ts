/** The numbers of a blob, copied, since what a driver gives may begin anywhere. */
export function vectorOf(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}
