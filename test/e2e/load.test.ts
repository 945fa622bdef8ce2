import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { temporaryFolder } from "../support/agents.ts";
import { pdfOf } from "../sources/support/pdf.ts";
import { memgpt, newHome, output } from "./support/program.ts";

test("load, list, show and delete a source; unreadable documents are named and set the exit code", async () => {
  const [home, folder] = [newHome(), temporaryFolder()];
  writeFileSync(join(folder, "paper.pdf"), pdfOf([[{ text: "The first prize went to Roentgen.", y: 700 }]]));
  writeFileSync(join(folder, "notes.md"), "# Notes\n\nCall Ada.\n");
  writeFileSync(join(folder, "broken.pdf"), "%PDF-1.7");

  const loaded = await memgpt(home, ["load", "papers", folder]);
  expect(loaded.code).toBe(1);
  expect(loaded.stdout).toBe(
    "Loaded 2 passages into papers: 2 documents added.\n1 document could not be read (see above).\n" +
      "`memgpt attach AGENT papers` lets an agent search it.\n",
  );
  expect(loaded.stderr).toMatch(/^broken\.pdf: the PDF is damaged/);

  expect(await output(home, ["list", "sources"])).toBe("papers: 2 documents, 2 passages, embedded with hash-1024\n");
  expect(await output(home, ["show", "source", "papers"])).toContain("paper.pdf: pdf, 1 passage\n");
  expect(
    JSON.parse(
      await output(home, [
        "load",
        "directory",
        "--name",
        "papers",
        "--input-files",
        join(folder, "notes.md"),
        "--json",
      ]),
    ),
  ).toMatchObject({
    source: "papers",
    added: 1,
    skipped: [],
  });
  expect((await memgpt(home, ["delete", "source", "papers"])).stderr).toContain("pass --yes");
  expect(await output(home, ["delete", "source", "papers", "--yes"])).toBe("Deleted source papers.\n");
  expect(await output(home, ["list", "sources"])).toContain("No sources yet");
});

test("the first load of a source says how to attach it, to the only agent by name; loading again does not", async () => {
  const [home, folder] = [newHome(), temporaryFolder()];
  writeFileSync(join(folder, "notes.txt"), "Call Ada.");
  writeFileSync(join(folder, "old.jsonl"), JSON.stringify({ role: "user", content: "Hello." }));
  await output(home, ["import", join(folder, "old.jsonl"), "--agent", "ada lin", "-y"]);

  expect(await output(home, ["load", "my notes", folder, "--extensions", "txt"])).toBe(
    'Loaded 1 passage into my notes: 1 document added.\n`memgpt attach "ada lin" "my notes"` lets ada lin search it.\n',
  );
  expect(await output(home, ["load", "my notes", folder, "--extensions", "txt"])).toBe(
    "Loaded 0 passages into my notes: 0 documents added, 1 unchanged.\n",
  );
});

test("load database and load vector-database read a SQLite file", async () => {
  const [home, file] = [newHome(), join(temporaryFolder(), "shop.db")];
  const Sqlite = await loadSqlite();
  const db = new Sqlite(file);
  db.exec(`CREATE TABLE faq (id INTEGER, question TEXT, answer TEXT, vector TEXT);
    INSERT INTO faq VALUES (7, 'Opening hours?', 'From nine to five.', '[1,0]')`);
  db.close();

  const query = "SELECT id, question, answer FROM faq";
  expect(await output(home, ["load", "database", "--name", "faq", "--dump-path", file, "--query", query])).toBe(
    "Loaded 1 passage into faq: 1 document added.\n`memgpt attach AGENT faq` lets an agent search it.\n",
  );
  expect(await output(home, ["show", "source", "faq"])).toContain("row 7: text, 1 passage\n");

  const columns = ["--text-column", "answer", "--embedding-column", "vector"];
  const table = ["load", "vector-database", "--name", "answers", "--uri", file, "--table-name", "faq", ...columns];
  expect((await memgpt(home, table)).stderr).toBe(
    `${file} faq: the embeddings of its rows have 2 dimensions, and those of hash-1024 1,024, so they are embedded again.\n`,
  );

  const refused = await memgpt(home, ["load", "database", "--name", "x", "--query", query]);
  expect(refused.stderr).toContain("pass --dump-path or --uri");
});

test("load vector-database reads Chroma's file: documents with their metadata, by collection", async () => {
  const [home, folder] = [newHome(), temporaryFolder()];
  const Sqlite = await loadSqlite();
  const db = new Sqlite(join(folder, "chroma.sqlite3"));
  db.exec(`
    CREATE TABLE collections (id TEXT PRIMARY KEY, name TEXT NOT NULL, topic TEXT NOT NULL);
    CREATE TABLE segments (id TEXT PRIMARY KEY, type TEXT NOT NULL, scope TEXT NOT NULL, collection TEXT);
    CREATE TABLE embeddings (id INTEGER PRIMARY KEY, segment_id TEXT NOT NULL, embedding_id TEXT NOT NULL, seq_id BLOB NOT NULL);
    CREATE TABLE embedding_metadata (id INTEGER, key TEXT NOT NULL, string_value TEXT, int_value INTEGER, float_value REAL, bool_value INTEGER, PRIMARY KEY (id, key));
    INSERT INTO collections VALUES ('c1', 'ana''s notes', 't1'), ('c2', 'recipes', 't2');
    INSERT INTO segments VALUES ('s1', 'sqlite', 'METADATA', 'c1'), ('v1', 'hnsw', 'VECTOR', 'c1'), ('s2', 'sqlite', 'METADATA', 'c2');
    INSERT INTO embeddings VALUES (1, 's1', 'n-1', 1), (2, 's1', 'n-2', 2), (3, 's2', 'r-1', 3);
    INSERT INTO embedding_metadata (id, key, string_value, int_value) VALUES
      (1, 'chroma:document', 'The boat is in the harbour.', NULL), (1, 'author', 'Ana', NULL), (1, 'page', NULL, 5),
      (2, 'chroma:document', 'The dog barks.', NULL), (3, 'chroma:document', 'Take three eggs.', NULL)`);
  db.close();
  const from = ["load", "vector-database", "--name", "old", "--uri"];

  expect(await output(home, [...from, folder])).toContain("Loaded 3 passages into old: 3 documents added.\n");
  const shown = await output(home, ["show", "source", "old"]);
  expect(shown).toContain("ana's notes n-1: text, 1 passage\n");
  expect(shown).toContain("recipes r-1: text, 1 passage\n");
  const found = await output(home, [
    "load",
    "vector-database",
    "--name",
    "x",
    "--uri",
    folder,
    "--table-name",
    "ana's notes",
  ]);
  expect(found).toContain("Loaded 2 passages into x: 2 documents added.\n");

  const unknown = await memgpt(home, [...from, folder, "--table-name", "diary"]);
  expect(unknown.stderr).toContain("Chroma has no collection named diary. It has ana's notes, recipes.");
  const other = new Sqlite(join(folder, "other.db"));
  other.exec("CREATE TABLE notes (text TEXT)");
  other.close();
  expect((await memgpt(home, [...from, join(folder, "other.db")])).stderr).toContain("This is not a Chroma database");
  expect((await memgpt(home, [...from, folder, "--text-column", "text"])).stderr).toContain("pass --table-name and");
});
