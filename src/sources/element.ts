/** Where in its document something stands, as far as its kind of document says. Pages and lines count from 1. */
export type Place = { readonly page?: number | undefined; readonly line?: number | undefined };

/**
 * A stretch of a document that belongs together, as a reader found it. A `row` is one of a table; the row
 * that says what the cells of others are comes first, and again as their `header`.
 */
export type Element = Place &
  (
    | { readonly kind: "heading"; readonly text: string }
    | { readonly kind: "paragraph"; readonly text: string }
    /** `under` is the name of what it defines. */
    | { readonly kind: "code"; readonly text: string; readonly under?: string | undefined }
    | { readonly kind: "row"; readonly text: string; readonly header?: string | undefined }
  );

/** A passage of a document, and where it stands. `heading` is the nearest one above it, or what its code defines. */
export type SplitPassage = Place & { readonly text: string; readonly heading?: string | undefined };
