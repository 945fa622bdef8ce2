/** What one undo takes back. */
type Deed<S> = { readonly before: S; readonly after: S };

/** The simple model of undo, redo and checkpoints: whole snapshots, and stacks of them. */
export class Ledger<S> {
  present: S;
  readonly #done: Deed<S>[] = [];
  /** What each undo took back, in the order in which it was done. */
  readonly #undone: Deed<S>[][] = [];
  readonly #checkpoints = new Map<string, S>();

  constructor(present: S) {
    this.present = present;
  }

  /** How much there is to undo, and how many undos to take back. */
  get depth(): number {
    return this.#done.length;
  }

  get undos(): number {
    return this.#undone.length;
  }

  /** Something was done. What was undone before can no longer be redone. */
  act(after: S): void {
    this.#done.push({ before: this.present, after });
    this.#undone.length = 0;
    this.present = after;
  }

  /** @returns how much was undone. */
  undo(count: number): number {
    const deeds = this.#done.splice(Math.max(0, this.#done.length - count));
    const [first] = deeds;
    if (first === undefined) return 0;
    this.#undone.push(deeds);
    this.present = first.before;
    return deeds.length;
  }

  /** @returns how much was redone. */
  redo(): number {
    const deeds = this.#undone.pop() ?? [];
    this.#done.push(...deeds);
    this.present = deeds.at(-1)?.after ?? this.present;
    return deeds.length;
  }

  /** Every file that is not known yet is one of the present. */
  noteCheckpoints(files: readonly string[]): string[] {
    const fresh = files.filter((file) => !this.#checkpoints.has(file));
    for (const file of fresh) this.#checkpoints.set(file, this.present);
    return fresh;
  }

  checkpoint(file: string): S {
    const snapshot = this.#checkpoints.get(file);
    if (snapshot === undefined) throw new Error(`No checkpoint ${file} was ever written`);
    return snapshot;
  }
}
