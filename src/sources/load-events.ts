import type { SecretsChoice } from "./secrets.ts";

export type LoadTotals = {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly removed: number;
  /** Passages stored. */
  readonly passages: number;
  /** Files that are not documents, such as pictures. */
  readonly binary: number;
  /** Documents that could not be read. */
  readonly failed: number;
};

export type LoadEvent =
  | {
      readonly type: "progress";
      readonly documents: number;
      readonly total: number | undefined;
      readonly passages: number;
      /** Bytes read so far, including those of unchanged documents. */
      readonly bytes: number;
      readonly totalBytes: number | undefined;
    }
  /** Everything is stored; the index for search by meaning is being built. */
  | { readonly type: "indexing" }
  /** `isBinary`: it is not a document. */
  | { readonly type: "skipped"; readonly document: string; readonly reason: string; readonly isBinary: boolean }
  /** Part of a document could not be read; the rest was. */
  | { readonly type: "notice"; readonly document: string; readonly text: string }
  /** Secrets were found in a document. With `skip`, the search ends at the first. */
  | {
      readonly type: "secrets";
      readonly document: string;
      readonly kinds: readonly string[];
      readonly count: number;
      readonly choice: Exclude<SecretsChoice, "keep">;
    }
  | ({ readonly type: "done" } & LoadTotals);
