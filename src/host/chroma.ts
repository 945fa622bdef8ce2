import { existsSync } from "node:fs";
import { join } from "node:path";
import { expectArguments, filledText, objectOf, optional } from "../agent/expect.ts";
import { foreignDatabase, readForeignRows } from "../compose.ts";
import { MemGPTError } from "../errors.ts";
import { type OwnSource, defineSource } from "../sources/origins.ts";

/** Documents in Chroma's files: all, or those of one collection. */
export type ChromaDocuments = {
  /** Its folder, or the file `chroma.sqlite3` in it. */
  readonly chroma: string;
  readonly collection?: string | undefined;
};

/** All columns queried here hold texts. */
type Texts = Readonly<Record<string, string | null>>;

const rule = objectOf<ChromaDocuments>({ chroma: filledText, collection: optional(filledText) });
const TABLES = ["collections", "embedding_metadata", "embeddings", "segments"];
const TEXT = "chroma:document";

/**
 * A source of the documents in Chroma's file, which is only read. Each document's metadata follows its text. Chroma
 * keeps its vectors elsewhere, so the documents are embedded again.
 */
export function chromaSource(documents: ChromaDocuments): OwnSource {
  expectArguments({ documents: [documents, rule] });
  const { chroma, collection } = documents;
  const inside = join(chroma, "chroma.sqlite3");
  const database = foreignDatabase(existsSync(inside) ? inside : chroma);
  return defineSource({
    name: `${chroma} ${collection ?? "all collections"}`,
    async *read() {
      const read = (query: string): AsyncIterable<Texts> =>
        readForeignRows(database, { query }) as AsyncIterable<Texts>;
      const tables =
        "url" in database ? [] : await namesOf(read("SELECT name FROM sqlite_master WHERE type = 'table'"));
      if (!TABLES.every((table) => tables.includes(table))) {
        const text = "This is not a Chroma database, so a table and its text column must be named. Nothing was loaded.";
        throw new MemGPTError("invalid_input", text);
      }
      const collections = await namesOf(read("SELECT name FROM collections ORDER BY name"));
      if (collection !== undefined && !collections.includes(collection)) {
        const text = `Chroma has no collection named ${collection}. It has ${collections.join(", ")}. Nothing was loaded.`;
        throw new MemGPTError("invalid_input", text);
      }
      for await (const { of, id, text, more } of read(documentsQuery(collection))) {
        const content = [text, more].filter((part) => part !== null).join("\n\n");
        yield { name: `${of ?? ""} ${id ?? ""}`, content, isPlainText: true };
      }
    },
  });
}

function documentsQuery(collection: string | undefined): string {
  const only = collection === undefined ? "" : `WHERE c.name = '${collection.replaceAll("'", "''")}'`;
  return `
    SELECT c.name AS "of", e.embedding_id AS id, text.string_value AS text, (
      SELECT group_concat(key || ': ' || coalesce(string_value, int_value, float_value, bool_value), char(10))
      FROM embedding_metadata WHERE id = e.id AND key <> '${TEXT}'
    ) AS more
    FROM embeddings e
    JOIN segments s ON s.id = e.segment_id
    JOIN collections c ON c.id = s.collection
    JOIN embedding_metadata text ON text.id = e.id AND text.key = '${TEXT}'
    ${only} ORDER BY c.name, e.id`;
}

async function namesOf(rows: AsyncIterable<Texts>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of rows) names.push(name ?? "");
  return names;
}
