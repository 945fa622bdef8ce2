import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { editExternally } from "../../../src/cli/chat/external-editor.ts";
import { MemGPTError } from "../../../src/index.ts";
import { temporaryFolder } from "../../support/agents.ts";

const { signal } = new AbortController();

/** Makes `script` the person's editor; `$1` in it is the file. @returns where the files are made. */
function editor(script: string, { visual = script } = {}): string {
  const folder = join(temporaryFolder(), "tmp");
  mkdirSync(folder);
  vi.stubEnv("VISUAL", `f() { ${visual}; }; f`);
  vi.stubEnv("EDITOR", `f() { ${script}; }; f`);
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return folder;
}

const same = (text: string): Promise<string> => Promise.resolve(text);

test.each([
  ["a newline that the editor put at the end is dropped", "tea", `printf 'coffee\\n' > "$1"`, "coffee"],
  ["one that was there before stays", "tea\n", `printf 'coffee\\n' > "$1"`, "coffee\n"],
  ["only one is dropped", "tea", `printf 'coffee\\n\\n' > "$1"`, "coffee\n"],
  [
    "a byte order mark and carriage returns are dropped",
    "tea",
    `printf '\\357\\273\\277a\\r\\nb\\r\\n' > "$1"`,
    "a\nb",
  ],
  ["carriage returns that were there before stay", "a\r\nb", `true`, "a\r\nb"],
  ["an emptied text is empty", "tea", `: > "$1"`, ""],
])("%s", async (_, before, script, after) => {
  const folder = editor(script);

  expect(await editExternally(before, "human", same, signal)).toBe(after);

  expect(readdirSync(folder)).toEqual([]);
});

test("$VISUAL comes before $EDITOR", async () => {
  editor(`echo editor > "$1"`, { visual: `echo visual > "$1"` });

  expect(await editExternally("", "human", same, signal)).toBe("visual");
});

test("a refused text stays in the file that the error names", async () => {
  const folder = editor(`printf 'caf\\351' > "$1"`);

  const error: unknown = await editExternally("tea", "../a block", same, signal).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(MemGPTError);
  const [, path = ""] = /is not UTF-8\. Nothing was changed\.\nYour text is in (.*)$/.exec(String(error)) ?? [];
  expect(path.startsWith(folder)).toBe(true);
  expect(readFileSync(path, "latin1")).toBe("café");
});

test("the error for a missing editor says what to do", async () => {
  editor("true");
  vi.stubEnv("VISUAL", "no-such-editor");

  await expect(editExternally("tea", "human", same, signal)).rejects.toThrow(
    "The editor no-such-editor could not be started. Nothing was changed; set $VISUAL or $EDITOR to one that works.",
  );
});
