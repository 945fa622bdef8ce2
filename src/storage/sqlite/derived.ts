import { createHash } from "node:crypto";
import { segment } from "../../search/query.ts";
import { gistOf, traitsOf } from "../../search/traits.ts";
import type { Database } from "./load-sqlite.ts";

// What is kept beside a text because searches need it and to tell it takes long. A change of what is told here needs a migration.

/** What the full-text index reads, where it is not the text itself. */
export function termsOf(text: string): string | null {
  const terms = segment(text);
  return terms === text ? null : terms;
}

/** What a line says as 48 bits: lines with the same say the same. */
export function gistNumber(text: string): number {
  return createHash("sha256").update(gistOf(text)).digest().readUIntBE(0, 6);
}

/** Lets migrations tell anew what is told of texts. */
export function defineDerived(db: Database): void {
  const define = (name: string, tell: (text: string) => string | number | null): void => {
    db.function(name, { deterministic: true }, (text) => tell(String(text)));
  };
  define("index_terms", termsOf);
  define("line_traits", traitsOf);
  define("line_gist", gistNumber);
}
