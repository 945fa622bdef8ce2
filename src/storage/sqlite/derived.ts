import { termsIn } from "../../search/analyze.ts";
import { traitsOf } from "../../search/recall/traits.ts";
import type { Database } from "./load-sqlite.ts";
import { gistNumber } from "../stored-values.ts";
import { type SumValue, rowSum } from "./sums.ts";

// Values kept beside a text because searches need them and computing them takes long. Changing one needs a migration.

/** What the full-text index reads: the terms of a text, which its tokenizer only parts at the spaces. */
function indexedText(text: string): string {
  return termsIn(text).join(" ");
}

/** Lets triggers and migrations derive it. Every connection that writes needs this. */
export function defineDerived(db: Database): void {
  const define = (name: string, tell: (text: string) => string | number | null): void => {
    db.function(name, { deterministic: true }, (text) => tell(String(text)));
  };
  define("index_terms", indexedText);
  define("line_traits", traitsOf);
  define("line_gist", gistNumber);
  const sum = (...values: unknown[]): number => rowSum(...(values as SumValue[]));
  db.function("row_sum", { deterministic: true, varargs: true }, sum);
}
