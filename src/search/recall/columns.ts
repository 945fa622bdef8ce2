type Read<T> = (row: T, i: number) => number;

type ColumnMaker<T> = {
  readonly column: (read: Read<T>) => Float64Array;
  /** `column` if `isUsed`; otherwise zeros. */
  readonly columnIf: (isUsed: boolean, read: Read<T>) => Float64Array;
  readonly product: (a: Float64Array, b: Float64Array) => Float64Array;
};

/** Makes columns as parts of one buffer, since allocating each takes longer than filling it. */
export function columnsFor<T>(rows: readonly T[], most: number): ColumnMaker<T> {
  const length = rows.length;
  const buffer = new Float64Array(most * length);
  let used = 0;
  const empty = (): Float64Array => {
    used += 1;
    if (used > most) return new Float64Array(length);
    return buffer.subarray((used - 1) * length, used * length);
  };
  const column = (read: Read<T>): Float64Array => {
    const result = empty();
    // Not a loop over entries: that allocates an object for each, most of what a search would allocate.
    rows.forEach((it, i) => {
      result[i] = read(it, i);
    });
    return result;
  };
  return {
    column,
    columnIf: (isUsed, read) => (isUsed ? column(read) : ZEROS),
    product: (a, b) => {
      if (a.length === 0 || b.length === 0) return ZEROS;
      const result = empty();
      for (let i = 0; i < length; i += 1) result[i] = (a[i] ?? 0) * (b[i] ?? 0);
      return result;
    },
  };
}

/** A column of zeros: reading beyond the end of a column gives 0. */
export const ZEROS = new Float64Array(0);
