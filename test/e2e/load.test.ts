import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
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
