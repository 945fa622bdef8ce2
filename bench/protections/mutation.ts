/** The removal of one protection: an edit of one source file, and the tests of which one must fail. */
export type Mutation = {
  readonly protection: string;
  readonly file: string;
  /** Must be in the file exactly once. */
  readonly text: string;
  readonly replacement: string;
  readonly test: string;
  /** Narrows the tests by name. */
  readonly named?: string | undefined;
  /** Whether the tests run the built program. */
  readonly isBuilt?: boolean | undefined;
};

type More = Pick<Mutation, "named" | "isBuilt"> & { readonly test?: string };
type Edit = (protection: string, text: string, replacement: string, more?: More) => Mutation;

/** Makes removals in one file. `test`: the file that shows them unless a removal names another. */
export function inFile(file: string, test: string, named?: string): Edit {
  return (protection, text, replacement, more = {}) => ({
    ...{ protection, file, text, replacement, test },
    ...(more.test === undefined && named !== undefined ? { named } : {}),
    ...more,
  });
}
