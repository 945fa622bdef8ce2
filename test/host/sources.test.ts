import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import {
  type DocumentOrigin,
  type LoadEvent,
  type LoadSourceOptions,
  type MemGPT,
  type StoredDocument,
  defineSource,
} from "memgpt";
import { describe, expect, onTestFinished, test } from "vitest";
import { docxOf, epubOf, wordText } from "../sources/support/archives.ts";
import { pdfOf } from "../sources/support/pdf.ts";
import { temporaryFolder, testHome } from "../support/agents.ts";
import { TestEmbedder } from "../support/embedder.ts";

type Done = Extract<LoadEvent, { type: "done" }>;

async function load(
  memgpt: MemGPT,
  origins: readonly DocumentOrigin[],
  options: LoadSourceOptions = {},
): Promise<{ done: Done; events: LoadEvent[] }> {
  const events: LoadEvent[] = [];
  for await (const event of memgpt.sources.load("notes", origins, options)) events.push(event);
  const done = events.at(-1);
  if (done?.type !== "done") throw new Error("the load did not end");
  return { done, events };
}

/** A folder with these files. */
function folderOf(files: Readonly<Record<string, string>>, folder = temporaryFolder()): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

async function documents(memgpt: MemGPT): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of memgpt.sources.documents("notes")) names.push(name);
  return names;
}

async function onlyDocument(memgpt: MemGPT): Promise<StoredDocument> {
  const all: StoredDocument[] = [];
  for await (const document of memgpt.sources.documents("notes")) all.push(document);
  const [document] = all;
  if (document === undefined || all.length > 1) throw new Error(`${all.length} documents`);
  return document;
}

test("a folder is loaded, and loading it again adds what is new, replaces what changed and drops what is gone", async () => {
  const memgpt = await testHome();
  const folder = folderOf({ "a.txt": "Alpha.", "b.txt": "Beta.", "deep/c.md": "# C\n\nGamma." });

  expect((await load(memgpt, [folder])).done).toMatchObject({ added: 3, changed: 0, unchanged: 0, passages: 3 });

  folderOf({ "a.txt": "Alpha, changed.", "d.txt": "Delta." }, folder);
  rmSync(join(folder, "b.txt"));

  expect((await load(memgpt, [folder])).done).toMatchObject({
    added: 1,
    changed: 1,
    unchanged: 1,
    removed: 1,
    passages: 2,
  });
  expect(await documents(memgpt)).toEqual(["deep/c.md", "a.txt", "d.txt"]);
  expect(await memgpt.sources.overview("notes")).toMatchObject({ documents: 3, passages: 3 });
});

test("other folders of the same source stay, unless they are to be replaced", async () => {
  const memgpt = await testHome();
  const [first, second] = [folderOf({ "a.txt": "Alpha." }), folderOf({ "b.txt": "Beta." })];
  await load(memgpt, [first]);

  expect((await load(memgpt, [second])).done).toMatchObject({ added: 1, removed: 0 });
  rmSync(join(second, "b.txt"));
  expect((await load(memgpt, [second], { mode: "append" })).done.removed).toBe(0);
  expect((await load(memgpt, [second])).done.removed).toBe(1);
  expect((await load(memgpt, [folderOf({ "c.txt": "Gamma." })], { mode: "replace" })).done.removed).toBe(1);
  expect(await documents(memgpt)).toEqual(["c.txt"]);
});

test("unreadable documents are named with the reason, other files counted, and the rest loaded", async () => {
  const memgpt = await testHome();
  const folder = folderOf({
    "a.txt": "Alpha.",
    "bad.pdf": "%PDF-1.7 nonsense",
    "empty.txt": "",
    "p.png": "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
  });

  const { done, events } = await load(memgpt, [folder]);

  expect(done).toMatchObject({ added: 1, failed: 2, binary: 1 });
  expect(events.filter(({ type }) => type === "skipped")).toEqual([
    { type: "skipped", document: "bad.pdf", reason: expect.stringContaining("the PDF is damaged"), isBinary: false },
    { type: "skipped", document: "empty.txt", reason: "it is empty", isBinary: false },
    { type: "skipped", document: "p.png", reason: expect.any(String), isBinary: true },
  ]);
});

test("an unreadable new version leaves the old one", async () => {
  const memgpt = await testHome();
  const rows = (count: number): string =>
    Array.from({ length: count }, (_, i) => `${i},"note ${i} of some length"\n`).join("");
  const folder = folderOf({ "t.csv": `id,note\n${rows(10)}` });
  const before = (await load(memgpt, [folder])).done.passages;

  folderOf({ "t.csv": `id,note\n${rows(2_000)}"${"x".repeat(300_000)}` }, folder);
  expect((await load(memgpt, [folder])).done).toMatchObject({ failed: 1, changed: 0, removed: 0 });

  expect((await memgpt.sources.overview("notes")).passages).toBe(before);
  expect(await documents(memgpt)).toEqual(["t.csv"]);
});

const LONG = Array.from({ length: 1500 }, (_, i) => `Paragraph ${i}. ${"It goes on and on. ".repeat(50)}`).join("\n\n");

test("progress within a document counts what was read and stored", async () => {
  const memgpt = await testHome();
  const folder = folderOf({ "long.txt": LONG, "a.txt": "Alpha." });
  const size = LONG.length + "Alpha.".length;

  const { events } = await load(memgpt, [folder]);

  const progress = events.filter((event) => event.type === "progress");
  const within = progress.filter(({ documents }) => documents === 1);
  expect(within.length).toBeGreaterThan(5);
  expect(within.at(-2)?.bytes).toBeGreaterThan(size / 2);
  expect(progress.map(({ bytes }) => bytes)).toEqual(progress.map(({ bytes }) => bytes).sort((a, b) => a - b));
  expect(progress.at(-1)).toMatchObject({ documents: 2, total: 2, bytes: size, totalBytes: size });
});

describe("an interrupted load", () => {
  const text = LONG;

  test("keeps what was loaded, and the next one resumes within the document", async () => {
    const stopping = new AbortController();
    let batches = 0;
    const embedder = new TestEmbedder("test", {
      before: () => {
        batches += 1;
        if (batches === 8) stopping.abort();
      },
    });
    const memgpt = await testHome({ embedder: () => embedder });
    const folder = folderOf({ "long.txt": text });

    await expect(load(memgpt, [folder], { signal: stopping.signal })).rejects.toMatchObject({ code: "interrupted" });
    const half = await onlyDocument(memgpt);
    expect(half).toMatchObject({ isComplete: false });

    const { done } = await load(memgpt, [folder]);
    expect(done.passages).toBe(1500 - half.passages);
    expect(await memgpt.sources.overview("notes")).toMatchObject({ documents: 1, passages: 1500 });
  });

  test("by an embedder that fails says what is kept", async () => {
    let batches = 0;
    const embedder = new TestEmbedder("test", {
      before: () => {
        batches += 1;
        if (batches === 6) throw new Error("the server is on fire");
      },
    });
    const memgpt = await testHome({ embedder: () => embedder });

    await expect(load(memgpt, [folderOf({ "long.txt": text })])).rejects.toThrow("the server is on fire");
    expect((await onlyDocument(memgpt)).passages).toBeGreaterThan(0);
  });
});

test("a program loads its own documents, and the same name is a new version", async () => {
  const memgpt = await testHome();
  const tickets = (text: string): DocumentOrigin =>
    defineSource({
      name: "tickets",
      async *read() {
        yield { name: "ticket 1", content: text };
        yield { name: "ticket 2", content: "Open." };
      },
    });

  expect((await load(memgpt, [tickets("Broken.")])).done.added).toBe(2);
  expect((await load(memgpt, [tickets("Mended.")])).done).toMatchObject({ added: 0, changed: 1, unchanged: 1 });
});

test("a web page is loaded by its address, a non-public one only if allowed", async () => {
  const page = createServer((_, response) => {
    response
      .setHeader("content-type", "text/html")
      .end("<html><body><h1>Rays</h1><p>They were found in 1895.</p></body></html>");
  });
  page.listen(0, "127.0.0.1");
  await once(page, "listening");
  onTestFinished(() => void page.close());
  const host = `127.0.0.1:${(page.address() as AddressInfo).port}`;
  const memgpt = await testHome();

  const refused = await load(memgpt, [`http://${host}/rays`]);
  expect(refused.done).toMatchObject({ added: 0, failed: 1 });
  expect(await memgpt.sources.list()).toEqual([]);

  expect((await load(memgpt, [`http://${host}/rays`], { allowedHosts: [host] })).done).toMatchObject({ added: 1 });
  expect(await documents(memgpt)).toEqual([`http://${host}/rays`]);
});

test("hidden files, package folders, other extensions and subfolders are skipped on request", async () => {
  const memgpt = await testHome();
  const folder = folderOf({
    "a.txt": "Alpha.",
    ".secret": "x",
    "node_modules/m.txt": "x",
    "deep/b.txt": "Beta.",
    "c.md": "# C",
  });

  await load(memgpt, [folder], { extensions: [".txt"], isRecursive: false });

  expect(await documents(memgpt)).toEqual(["a.txt"]);
});

test("a missing path is an error, and leaves no source", async () => {
  const memgpt = await testHome();

  await expect(load(memgpt, [join(temporaryFolder(), "nowhere")])).rejects.toMatchObject({ code: "not_found" });
  expect(await memgpt.sources.list()).toEqual([]);
});

test("1,200 small files of all kinds are loaded, the damaged ones named, and few files are open at a time", async () => {
  const memgpt = await testHome({ embedder: () => new TestEmbedder("test") });
  const folder = temporaryFolder();
  for (let i = 0; i < 120; i += 1) {
    const text = `The boat of note ${i} is in harbour ${i % 7}.`;
    const files: Readonly<Record<string, string | Uint8Array>> = {
      txt: text,
      md: `# Note ${i}\n\n${text}\n`,
      py: `#!/usr/bin/env python\nprint("${text}")\n`,
      csv: `id,text,place\n${i},"${text}",here\n${i},again,there\n`,
      jsonl: `{"id":${i},"text":"${text}"}\n{"id":${i},"text":"again"}\n`,
      json: `[{"id": ${i},\n"text": "${text}"}]`,
      html: `<!doctype html><html><body><p>${text}</p></body></html>`,
      pdf: pdfOf([[{ text, y: 700 }]]),
      docx: docxOf(wordText(text)),
      epub: epubOf(`Note ${i}`, [`<p>${text}</p>`]),
    };
    for (const [ending, content] of Object.entries(files)) {
      const isDamaged = i % 40 === 0 && content instanceof Uint8Array;
      writeFileSync(join(folder, `${i}.${ending}`), isDamaged ? content.subarray(0, 100) : content);
    }
  }
  const before = filesOpen();

  let most = 0;
  const skipped: string[] = [];
  const events = memgpt.sources.load("notes", [folder]);
  for await (const event of events) {
    if (event.type === "progress" && event.documents % 10 === 0) most = Math.max(most, filesOpen());
    if (event.type === "skipped") skipped.push(event.document);
    if (event.type === "done") expect(event).toMatchObject({ added: 1191, failed: 9, binary: 0, passages: 1191 });
  }

  expect(skipped.sort()).toEqual(
    ["0", "40", "80"].flatMap((number) => ["docx", "epub", "pdf"].map((ending) => `${number}.${ending}`)).sort(),
  );
  expect(most - before).toBeLessThan(40);
  expect(filesOpen()).toBeLessThan(before + 15);
});

/** Of this process; 0 where the system does not say. */
function filesOpen(): number {
  return existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0;
}

test("two loads of one source do not run at the same time", async () => {
  const memgpt = await testHome();
  const folder = folderOf({ "a.txt": "Alpha.", "b.txt": "Beta." });
  const first = memgpt.sources.load("notes", [folder]);
  await first.next();

  await expect(load(memgpt, [folder])).rejects.toMatchObject({
    code: "agent_locked",
    message: expect.stringMatching(/^Source notes/),
  });
  await first.return();
});

test("a source is deleted with its files, and an unknown one lists the existing ones", async () => {
  const memgpt = await testHome();
  await load(memgpt, [folderOf({ "a.txt": "Alpha." })]);

  await expect(memgpt.sources.delete("note")).rejects.toThrow("Did you mean notes?");
  await memgpt.sources.delete("notes");

  expect(await memgpt.sources.list()).toEqual([]);
});

test("special files in a folder are named with their kind", async () => {
  const memgpt = await testHome();
  const folder = folderOf({ "a.txt": "Alpha." });
  symlinkSync("nowhere", join(folder, "dangling.txt"));
  writeFileSync(Buffer.concat([Buffer.from(join(folder, "caf")), Buffer.from([0xe9]), Buffer.from(".txt")]), "Latin.");
  execFileSync("mkfifo", [join(folder, "pipe")]);

  const { events } = await load(memgpt, [folder]);

  expect(events.flatMap((event) => (event.type === "skipped" ? [`${event.document}: ${event.reason}`] : []))).toEqual([
    "caf\ufffd.txt: its name is not valid UTF-8: rename it",
    "dangling.txt: it is a link that leads nowhere",
    "pipe: it is neither a file nor a folder",
  ]);
});

test("refuses an address that is not a web page's", async () => {
  const memgpt = await testHome();
  await expect(load(memgpt, ["ftp://example.org/a.txt"])).rejects.toThrow("begin with http:// or https://");
});

test("a link that leads out of the folder is named and not followed", async () => {
  const memgpt = await testHome();
  const outside = folderOf({ "credentials.json": "A key that nobody may load." });
  const folder = folderOf({ "notes.txt": "The boiler is serviced in May." });
  symlinkSync(join(outside, "credentials.json"), join(folder, "stolen.txt"));
  symlinkSync(join(folder, "notes.txt"), join(folder, "same.txt"));

  const { done, events } = await load(memgpt, [folder]);

  expect(done).toMatchObject({ added: 2, failed: 1 });
  expect(events).toContainEqual({
    type: "skipped",
    document: "stolen.txt",
    reason: "it is a link that leads out of the folder",
    isBinary: false,
  });
  expect((await documents(memgpt)).sort()).toEqual(["notes.txt", "same.txt"]);
});
