import { termsIn } from "../../search/analyze.ts";
import { openDatabase } from "../sqlite/database.ts";

/** Precedes a text of which only index words are left. */
export const WORDS_ONLY = "[Only the words in the search index were left of this:]";

/**
 * The words that a full-text index still has of `rows`, by row and in order, with endings cut off as the index does. Empty if
 * the index cannot be read either.
 */
export async function wordsOf(
  file: string,
  table: "messages_fts" | "passages_fts",
  rows: ReadonlySet<number>,
): Promise<Map<number, string>> {
  const found = new Map<number, (readonly [at: number, word: string])[]>();
  if (rows.size === 0) return new Map();
  const db = await openDatabase(file, { readonly: true }).catch(() => undefined);
  if (db === undefined) return new Map();
  try {
    db.exec(`CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', '${table}', 'instance')`);
    const all = db.prepare<[], { term: string; doc: number; offset: number }>(
      "SELECT term, doc, offset FROM temp.words",
    );
    for (const { term, doc, offset } of all.iterate()) {
      if (!rows.has(doc)) continue;
      const words = found.get(doc) ?? [];
      words.push([offset, term]);
      found.set(doc, words);
    }
  } catch {
    // Keep what was read before the damage.
  } finally {
    db.close();
  }
  return new Map([...found].map(([doc, words]) => [doc, textOf(words)]));
}

function textOf(words: readonly (readonly [at: number, word: string])[]): string {
  const inOrder = [...words].sort(([a], [b]) => a - b);
  return inOrder.map(([, stem]) => wordFor(stem)).join(" ");
}

/**
 * A word for a stem: the first candidate that the index cuts to that stem. The stem itself might be cut once more, and would
 * then not be found.
 */
function wordFor(stem: string): string {
  return endings(stem).find((word) => termsIn(word).join(" ") === stem) ?? stem;
}

function endings(stem: string): string[] {
  const withY = stem.endsWith("i") ? [`${stem.slice(0, -1)}y`] : [];
  return [...withY, stem, `${stem}e`, `${stem}s`, `${stem}es`, `${stem}ed`, `${stem}ing`];
}
