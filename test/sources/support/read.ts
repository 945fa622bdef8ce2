import type { Element, SplitPassage } from "../../../src/sources/element.ts";
import { inputOf } from "../../../src/sources/input.ts";
import { openDocument } from "../../../src/sources/read.ts";
import { Reader } from "../../../src/sources/reader.ts";
import { split } from "../../../src/sources/split.ts";

export type ReadDocument = {
  readonly kind: string;
  readonly elements: readonly Element[];
  readonly passages: readonly SplitPassage[];
  readonly notices: readonly string[];
};

/** Reads a document as a load does. */
export async function readAll(name: string, content: string | Uint8Array): Promise<ReadDocument> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const notices: string[] = [];
  const reader = new Reader();
  try {
    const { kind, elements } = await openDocument(inputOf(name, bytes), reader, (notice) => notices.push(notice));
    const all: Element[] = [];
    for await (const element of elements) all.push(element);
    const passages: SplitPassage[] = [];
    for await (const passage of split(all)) passages.push(passage);
    return { kind, elements: all, passages, notices };
  } finally {
    reader.close();
  }
}

/** `kind: text` of each element. */
export function outlined({ elements }: ReadDocument): string[] {
  return elements.map(({ kind, text }) => `${kind}: ${text}`);
}
