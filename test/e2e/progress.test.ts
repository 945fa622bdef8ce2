import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadSqlite } from "../../src/storage/sqlite/load-sqlite.ts";
import { dataFolder, memgpt, newHome, output } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const MEGABYTES = 8;
const sentence = (i: number): string =>
  `Paragraph ${i} tells how the harbour of town ${i % 97} was built and who paid for it. `;
const TEXT = Array.from({ length: MEGABYTES * 2600 }, (_, i) => sentence(i).repeat(5)).join("\n\n");

/** The texts of a source, in the order in which they are stored. */
async function passages(home: string): Promise<string[]> {
  const Sqlite = await loadSqlite();
  const db = new Sqlite(dataFolder(home, "sources", "notes", "source.db"), { readonly: true });
  const rows = db.prepare<[], { text: string }>("SELECT text FROM passages ORDER BY seq").all();
  db.close();
  return rows.map(({ text }) => text);
}

describe("a load stopped in the middle of a document", () => {
  let loaded: Promise<string[]> | undefined;
  /** What a load stores that is not stopped. */
  const loadedWhole = async (): Promise<string[]> => {
    const home = newHome();
    writeFileSync(join(home, "long.txt"), TEXT);
    await output(home, ["load", "notes", join(home, "long.txt")]);
    return passages(home);
  };

  test.each([
    { how: "Ctrl-C", keys: "\x03", signal: undefined },
    { how: "kill -9", keys: "", signal: "SIGKILL" },
  ])("by $how shows its progress and resumes from there", async ({ keys, signal }) => {
    const whole = await (loaded ??= loadedWhole());
    const home = newHome();
    const file = join(home, "long.txt");
    writeFileSync(file, TEXT);

    const terminal = new Terminal(home, ["load", "notes", file]);
    await terminal.until(/\[#+\.+\] loading notes: 0 of 1 files, [\d,]+ passages, [\d,]+ passages\/s, \d+ s left/);
    terminal.write(keys);
    if (signal !== undefined) terminal.signal(signal);
    await terminal.exited();
    if (keys !== "") expect(terminal.text).toMatch(/Stopped\. What was loaded is kept \([\d,]+ passages\)/);

    const before = await passages(home);
    expect(before.length).toBeGreaterThan(0);
    expect(before).toEqual(whole.slice(0, before.length));
    expect(await output(home, ["list", "sources"])).toContain(
      `notes: 1 document, not fully loaded, ${before.length.toLocaleString("en-US")} passages`,
    );
    const again = await memgpt(home, ["load", "notes", file]);
    expect(again.stdout).toContain(`Loaded ${(whole.length - before.length).toLocaleString("en-US")} passages`);
    expect(await passages(home)).toEqual(whole);
  });
});

test("an import shows its progress in a terminal", async () => {
  const home = newHome();
  const lines = Array.from({ length: 4_000 }, (_, i) =>
    JSON.stringify({ role: i % 2 === 0 ? "user" : "assistant", content: sentence(i), time: "2025-01-01T00:00:00Z" }),
  );
  writeFileSync(join(home, "old.jsonl"), lines.join("\n"));

  const terminal = new Terminal(home, ["import", join(home, "old.jsonl"), "-y"]);
  await terminal.exited();

  expect(terminal.raw).toMatch(/importing into old: 1,000 of 4,000 messages read/);
  expect(terminal.raw).toMatch(/\[#+\.+\] importing into old: 3,000 of 4,000 texts checked/);
  expect(terminal.text).toContain("Created agent old: 4,000 messages");
});
