/** Place in a document, as far as its kind has pages or lines. Both count from 1. */
export type Place = { readonly page?: number | undefined; readonly line?: number | undefined };

/**
 * A part of a document, as a reader found it. A table's header is its first `row`, and the `header` of all others.
 */
export type Element = Place &
  (
    | { readonly kind: "heading"; readonly text: string }
    | { readonly kind: "paragraph"; readonly text: string }
    /** `under` is the name that it defines. */
    | { readonly kind: "code"; readonly text: string; readonly under?: string | undefined }
    | { readonly kind: "row"; readonly text: string; readonly header?: string | undefined }
  );

/** A passage of a document with its place. `heading` is the nearest one above it, or the name that its code defines. */
export type SplitPassage = Place & { readonly text: string; readonly heading?: string | undefined };
