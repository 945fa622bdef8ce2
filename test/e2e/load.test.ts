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
    "Loaded 2 passages into papers: 2 documents added.\n1 document could not be read (see above).\n",
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
  expect((await memgpt(home, ["delete", "source", "papers"])).stderr).toContain("give --yes");
  expect(await output(home, ["delete", "source", "papers", "--yes"])).toBe("Deleted source papers.\n");
  expect(await output(home, ["list", "sources"])).toContain("There are no sources yet");
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
    "Loaded 1 passage into faq: 1 document added.\n",
  );
  expect(await output(home, ["show", "source", "faq"])).toContain("row 7: text, 1 passage\n");

  const columns = ["--text-column", "answer", "--embedding-column", "vector"];
  const table = ["load", "vector-database", "--name", "answers", "--uri", file, "--table-name", "faq", ...columns];
  expect((await memgpt(home, table)).stderr).toBe(
    `${file} faq: the embeddings of its rows have 2 dimensions, and those of hash-1024 1,024, so they are made again.\n`,
  );

  const refused = await memgpt(home, ["load", "database", "--name", "x", "--query", query]);
  expect(refused.stderr).toContain("pass --dump-path or --uri");
});
