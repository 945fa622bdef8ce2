import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { PAGES, withTables } from "../../scripts/docs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

test.each(Object.keys(PAGES))("the tables in %s match the code", (page) => {
  expect(withTables(page, read(page))).toBe(read(page));
});

test.each([
  ["README.md", "`doctor`"],
  ["docs/COMMANDS.md", "/memory"],
  ["docs/COMMANDS.md", "--context-window"],
  ["docs/CONFIGURATION.md", "core_memory_limit"],
  ["docs/SCRIPTING.md", "agent_locked"],
])("%s is stale once it has lost %s", (page, word) => {
  const stale = read(page).replaceAll(word, "gone");

  expect(withTables(page, stale)).not.toBe(stale);
});

test("a page that lacks the markers of a table is an error", () => {
  const page = "docs/CONFIGURATION.md";

  expect(() => withTables(page, read(page).replace("<!-- configuration -->", ""))).toThrow("configuration");
});

test("the README has at most 300 lines", () => {
  expect(read("README.md").split("\n").length).toBeLessThanOrEqual(300);
});

const LINKING = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md"))
    .map((file) => join("docs", file)),
];

/** Headings as the anchors that a link may name. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

test.each(LINKING)("every link in %s leads somewhere", (page) => {
  for (const [link, target = "", anchor] of read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
    const file = target === "" ? page : join(dirname(page), target);

    expect(existsSync(join(root, file)), link).toBe(true);
    if (anchor !== undefined) expect(anchors(read(file)), link).toContain(anchor);
  }
});
