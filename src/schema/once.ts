/**
 * What makes something when it is first asked for, and then gives the same. Zod takes some 50 µs for each part of a schema,
 * which a command that does not need it would wait for.
 */
export function once<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
