import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DocumentOrigin, type LoadEvent, type LoadSourceOptions, type MemGPT, defineSource } from "memgpt";
import { describe, expect, test } from "vitest";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { filesSaying } from "../forget/support/told.ts";

const TOKEN = `ghp_${"a1B2c3D4".repeat(5)}`;
const KEY_LINES = Array.from({ length: 40 }, (_, line) => `${"MIIEpAIBAAKCAQEA".repeat(4)}${line}`);
const PRIVATE_KEY = ["-----BEGIN RSA PRIVATE KEY-----", ...KEY_LINES, "-----END RSA PRIVATE KEY-----"].join("\n");

async function load(
  memgpt: MemGPT,
  origins: readonly DocumentOrigin[],
  options: LoadSourceOptions = {},
): Promise<LoadEvent[]> {
  const events: LoadEvent[] = [];
  for await (const event of memgpt.sources.load("notes", origins, options)) events.push(event);
  return events;
}

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const found = (events: readonly LoadEvent[]): LoadEvent[] => events.filter(({ type }) => type === "secrets");

describe("secrets in documents", () => {
  test.each([
    ["notes.txt", `Deploy with ${TOKEN}.`],
    ["notes.md", `# Deploy with ${TOKEN}\n\nAnd then ${TOKEN} again.`],
    ["notes.html", `<h1>Deploy</h1><p>Use <b>${TOKEN}</b></p>`],
    ["notes.csv", `who,${TOKEN}\nada,${TOKEN}\nben,none\n`],
    ["notes.json", JSON.stringify({ deploy: { token: TOKEN } })],
    ["notes.jsonl", `${JSON.stringify({ token: TOKEN })}\n`],
    ["notes.ts", `function deploy() {\n  return "${TOKEN}";\n}\n`],
  ])("are redacted before a passage of %s is stored, with their number and kind", async (name, text) => {
    const memgpt = await testHome();

    const events = await load(memgpt, [folderOf({ [name]: text, "plain.txt": "Nothing of the kind." })]);

    expect(found(events)).toEqual([
      {
        type: "secrets",
        document: name,
        kinds: ["GitHub token"],
        count: expect.any(Number) as number,
        choice: "redact",
      },
    ]);
    expect(filesSaying(TOKEN, memgpt.home.root)).toEqual([]);
    expect(filesSaying("[redacted: GitHub token]", memgpt.home.root)).not.toEqual([]);
  });

  test("are redacted in the names of documents and folders, of which two stay two", async () => {
    const memgpt = await testHome();
    const other = `ghp_${"Z9y8X7w6".repeat(5)}`;
    const folder = join(temporaryFolder(), `of ${TOKEN}`);
    mkdirSync(folder);
    for (const token of [TOKEN, other]) writeFileSync(join(folder, `for ${token}.txt`), "Nothing of the kind.");

    const events = await load(memgpt, [folder]);
    const again = await load(memgpt, [folder]);

    expect(events.at(-1)).toMatchObject({ type: "done", added: 2 });
    expect(again.at(-1)).toMatchObject({ type: "done", unchanged: 2, removed: 0 });
    expect(filesSaying(TOKEN, memgpt.home.root)).toEqual([]);
    expect(filesSaying(other, memgpt.home.root)).toEqual([]);
  });

  test("are left out with their documents once that is chosen, although they had been redacted", async () => {
    const memgpt = await testHome();
    const folder = folderOf({ "notes.txt": `Deploy with ${TOKEN}.`, "plain.txt": "Nothing of the kind." });
    await load(memgpt, [folder], { secrets: "redact" });
    expect((await load(memgpt, [folder], { secrets: "redact" })).at(-1)).toMatchObject({ unchanged: 2 });

    const events = await load(memgpt, [folder], { secrets: "skip" });

    expect(found(events)).toMatchObject([{ document: "notes.txt", choice: "skip" }]);
    expect(events.at(-1)).toMatchObject({ type: "done", unchanged: 1, removed: 1 });
    expect(filesSaying("Nothing of the kind", memgpt.home.root)).not.toEqual([]);
  });

  test("are redacted in the header that each passage of a long table repeats", async () => {
    const memgpt = await testHome();
    const rows = Array.from({ length: 200 }, (_, row) => `| person ${row} | lives in house ${row} |`);
    const table = [`| who | ${TOKEN} |`, "| --- | --- |", ...rows].join("\n");

    await load(memgpt, [folderOf({ "table.md": table })]);

    expect((await memgpt.sources.overview("notes")).passages).toBeGreaterThan(2);
    expect(filesSaying(TOKEN, memgpt.home.root)).toEqual([]);
  });

  test("a private key is redacted although empty lines part it", async () => {
    const memgpt = await testHome();
    const text = `Before.\n\n${PRIVATE_KEY.replaceAll(/\n/g, "\n\n")}\n\nAfter.`;

    await load(memgpt, [folderOf({ "id.txt": text })]);

    expect(filesSaying("MIIEpAIBAAKCAQEA", memgpt.home.root)).toEqual([]);
    expect(filesSaying("[redacted: private key]", memgpt.home.root)).not.toEqual([]);
    expect(filesSaying("After.", memgpt.home.root)).not.toEqual([]);
  });

  test("a private key without an end redacts only as much as a key has", async () => {
    const memgpt = await testHome();
    const rest = Array.from({ length: 2_000 }, (_, index) => `Line ${index} of the report.`);

    await load(memgpt, [folderOf({ "id.txt": ["-----BEGIN RSA PRIVATE KEY-----", ...rest].join("\n\n") })]);

    expect(filesSaying("Line 1999 of the report.", memgpt.home.root)).not.toEqual([]);
  });

  test("are kept if asked for, and redacted when the same document is loaded again so", async () => {
    const memgpt = await testHome();
    const folder = folderOf({ "a.txt": `Deploy with ${TOKEN}.`, "b.txt": "Plain." });

    expect(found(await load(memgpt, [folder], { secrets: "keep" }))).toEqual([]);
    expect(filesSaying(TOKEN, memgpt.home.root)).not.toEqual([]);
    const again = await load(memgpt, [folder], { secrets: "redact" });

    expect(again.at(-1)).toMatchObject({ type: "done", changed: 2, unchanged: 0 });
    expect(filesSaying(TOKEN, memgpt.home.root)).toEqual([]);
    expect((await load(memgpt, [folder])).at(-1)).toMatchObject({ unchanged: 2 });
    expect((await load(memgpt, [folder], { secrets: "keep" })).at(-1)).toMatchObject({ changed: 2 });
    expect(filesSaying(TOKEN, memgpt.home.root)).not.toEqual([]);
  });

  test("skip leaves out a whole document, and what was stored of it before, and loads the others", async () => {
    const memgpt = await testHome();
    const pages = Array.from({ length: 400 }, (_, page) => `Page ${page} says ${"much ".repeat(120)}`).join("\n\n");
    const folder = folderOf({ "a.txt": `${pages}\n\nDeploy with ${TOKEN}.`, "b.txt": "Plain." });

    await load(memgpt, [folder], { secrets: "keep" });
    const events = await load(memgpt, [folder], { secrets: "skip" });

    expect(found(events)).toMatchObject([{ document: "a.txt", choice: "skip" }]);
    expect(events.at(-1)).toMatchObject({ type: "done", changed: 1, removed: 1, failed: 0 });
    expect(filesSaying(TOKEN, memgpt.home.root)).toEqual([]);
    expect((await memgpt.sources.overview("notes")).documents).toBe(1);
  });

  test.each(["keep", "redact", "skip"] as const)(
    "a person is asked once for a load, and %s holds for all of it",
    async (choice) => {
      const memgpt = await testHome();
      const asked: string[] = [];
      const folder = folderOf({ "a.txt": "Plain.", "b.txt": `Use ${TOKEN}.`, "c.txt": `Use ${TOKEN}, too.` });
      const secrets: LoadSourceOptions["secrets"] = async ({ document, kinds }) => {
        asked.push(`${document}: ${kinds.join()}`);
        return choice;
      };

      await load(memgpt, [folder], { secrets });

      expect(asked).toEqual(["b.txt: GitHub token"]);
      expect(filesSaying(TOKEN, memgpt.home.root).length > 0).toBe(choice === "keep");
      expect((await memgpt.sources.overview("notes")).documents).toBe(choice === "skip" ? 1 : 3);
      if (choice === "skip") return;
      expect((await load(memgpt, [folder], { secrets })).at(-1)).toMatchObject({ unchanged: 3 });
      expect(asked).toHaveLength(1);
    },
  );

  test("a redacted text is embedded again", async () => {
    const memgpt = await testHome();
    const rows = defineSource({
      name: "rows",
      async *read() {
        yield {
          name: "row 1",
          content: `Deploy with ${TOKEN}.`,
          embedding: Array.from({ length: 1024 }, () => 0.03125),
        };
      },
    });

    const events = await load(memgpt, [rows]);

    expect(events.filter(({ type }) => type === "notice")).toEqual([]);
    expect(found(events)).toHaveLength(1);
  });

  test("are kept where the configuration says so", async () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, "config.json"), JSON.stringify({ secrets: "keep" }));
    const memgpt = await testHome({ dir });

    await load(memgpt, [folderOf({ "a.txt": `Deploy with ${TOKEN}.` })]);

    expect(filesSaying(TOKEN, memgpt.home.root)).not.toEqual([]);
  });
});
