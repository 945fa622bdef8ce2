import { termsIn } from "../../search/analyze.ts";
import { traitsOf } from "../../search/recall/traits.ts";
import type { Database } from "./load-sqlite.ts";
import { gistNumber } from "../stored-values.ts";
import { type SumValue, rowSum } from "./sums.ts";

// Values stored with a text because searches need them and computing them is slow. Changing one needs a migration.

/** The input of the full-text index: the terms of a text. The tokenizer only splits them at spaces. */
function indexedText(text: string): string {
  return termsIn(text).join(" ");
}

/** Defines SQL functions for these values, which triggers and migrations use. Every writing connection needs them. */
export function defineDerived(db: Database): void {
  const define = (name: string, derive: (text: string) => string | number | null): void => {
    db.function(name, { deterministic: true }, (text) => derive(String(text)));
  };
  define("index_terms", indexedText);
  define("line_traits", traitsOf);
  define("line_gist", gistNumber);
  const sum = (...values: unknown[]): number => rowSum(...(values as SumValue[]));
  db.function("row_sum", { deterministic: true, varargs: true }, sum);
}
