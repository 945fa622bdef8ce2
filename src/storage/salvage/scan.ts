import type { PageFile } from "./page-file.ts";
import {
  INTERIOR_INDEX,
  INTERIOR_TABLE,
  LEAF_INDEX,
  LEAF_TABLE,
  type StoredRecord,
  childrenOf,
  kindOf,
  recordsOn,
} from "./records.ts";

/** The content of a damaged database, found by reading every page. */
export type Scan = {
  /** The rows of a table that `as` accepts: first those in its b-tree, then rows on other pages that look like its. */
  readonly rows: <T>(table: string, as: (record: StoredRecord) => T | undefined) => Generator<T, void, void>;
  /** The entries of an index or of a table without rowid. `everywhere`: also entries on other pages that look like its. */
  readonly entries: <T>(
    name: string,
    as: (record: StoredRecord) => T | undefined,
    everywhere?: boolean,
  ) => Generator<T, void, void>;
};

/**
 * Reads a database page by page. If a table's b-tree is broken, its leaf pages are still found, and recognised by the shape of
 * their rows.
 */
export function scan(file: PageFile): Scan {
  const roots = rootsOf(file);
  const pagesOf = new Map<string, number[]>();
  const reached = new Set<number>();
  for (const [name, root] of roots) pagesOf.set(name, below(file, root, reached));
  const free = file.freePages();
  const live = Array.from({ length: file.count }, (_, n) => n + 1).filter((number) => !free.has(number));
  function* read<T>(
    pages: readonly number[],
    kinds: readonly number[],
    as: (record: StoredRecord) => T | undefined,
  ): Generator<T, void, void> {
    for (const number of pages) {
      const page = file.page(number);
      const kind = page === undefined ? undefined : kindOf(page, number);
      if (page === undefined || kind === undefined || !kinds.includes(kind)) continue;
      for (const record of recordsOn(file, page, number)) {
        const row = as(record);
        if (row !== undefined) yield row;
      }
    }
  }
  const own = (name: string): readonly number[] => pagesOf.get(name) ?? [];
  // A damaged pointer may lead from one table's b-tree to another's page.
  const others = (name: string): number[] => {
    const pages = new Set(own(name));
    return live.filter((number) => !pages.has(number));
  };
  return {
    *rows(table, as) {
      yield* read(own(table), [LEAF_TABLE], as);
      yield* read(others(table), [LEAF_TABLE], as);
    },
    *entries(name, as, everywhere = false) {
      yield* read(own(name), [LEAF_INDEX, INTERIOR_INDEX], as);
      if (everywhere) yield* read(others(name), [LEAF_INDEX, INTERIOR_INDEX], as);
    },
  };
}

/** The root page of every table and index, as far as the schema can be read. */
function rootsOf(file: PageFile): Map<string, number> {
  const roots = new Map<string, number>();
  for (const number of below(file, 1, new Set())) {
    const page = file.page(number);
    for (const { values } of page === undefined ? [] : recordsOn(file, page, number)) {
      const [type, name, , root] = values;
      const isStored = type === "table" || type === "index";
      if (isStored && typeof name === "string" && typeof root === "number" && root > 0) roots.set(name, root);
    }
  }
  return roots;
}

/** The reachable pages of the b-tree at `root`, in order. Skips pages in `reached`, and adds to it. */
function below(file: PageFile, root: number, reached: Set<number>): number[] {
  const pages: number[] = [];
  const pending = [root];
  for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
    const page = reached.has(number) ? undefined : file.page(number);
    const kind = page === undefined ? undefined : kindOf(page, number);
    if (page === undefined || kind === undefined) continue;
    reached.add(number);
    pages.push(number);
    if (kind === INTERIOR_TABLE || kind === INTERIOR_INDEX) pending.push(...childrenOf(page, number).reverse());
  }
  return pages;
}
