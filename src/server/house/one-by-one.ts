/** Awaits `work` for one item after another, and lets the server answer other requests in between. */
export async function oneByOne<T>(all: Iterable<T>, work: (one: T) => Promise<void>): Promise<void> {
  for (const one of all) {
    await work(one);
    await new Promise(setImmediate);
  }
}
