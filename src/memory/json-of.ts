/** Messages and blocks are immutable, so each is serialized once, however many states and rows it is part of. */
const serialized = new WeakMap<object, string>();

/** The JSON of an immutable object. */
export function jsonOf(value: object): string {
  const known = serialized.get(value) ?? JSON.stringify(value);
  serialized.set(value, known);
  return known;
}
