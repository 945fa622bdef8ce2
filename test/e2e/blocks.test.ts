import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memgpt, newHome, output, say } from "./support/program.ts";

test("a block is created, attached to two agents, edited, listed, shown, detached and deleted", async () => {
  const home = newHome();
  await say(home, "sam", "Hello");
  await say(home, "bob", "Hello");
  expect(await output(home, ["block", "list"])).toContain("No shared blocks yet");
  const about = ["--text", "We build a boat.", "--description", "What we work on", "--limit", "200"];
  expect(await output(home, ["block", "create", "project", ...about])).toContain("memgpt block attach AGENT project");
  await output(home, ["block", "attach", "sam", "project"]);
  await output(home, ["block", "attach", "bob", "project"]);

  expect(await output(home, ["block", "list"])).toMatch(
    /^project: What we work on \(16 of 200 characters\) We build a boat\.; (sam, bob|bob, sam)\n$/,
  );
  await output(home, ["block", "edit", "project", "--text", "We build a house.", "--read-only"]);
  expect(await output(home, ["inspect", "bob"])).toContain("We build a house.");
  expect(await output(home, ["block", "show", "project"])).toMatch(
    /\(17 of 200 characters, read-only\).*\n\nWe build a house\.\n$/,
  );
  expect(await output(home, ["block", "detach", "bob", "project"])).toContain("bob no longer has the block project");
  expect(await output(home, ["block", "delete", "project", "--yes"])).toBe(
    "Deleted block project. sam has it no longer.\n",
  );
  expect(JSON.parse(await output(home, ["block", "list", "sam", "--json"]))).toMatchObject([
    { label: "persona" },
    { label: "human" },
  ]);
});

test("an agent's own block is edited in the editor, and one undo reverts it", async () => {
  const home = newHome();
  await say(home, "sam", "Hello");
  const editor = join(home, "editor.sh");
  writeFileSync(editor, '#!/bin/sh\necho "My name is Ana." > "$1"\n');
  chmodSync(editor, 0o755);

  expect(await output(home, ["block", "edit", "human", "--agent", "sam"], { env: { EDITOR: editor } })).toBe(
    "Changed block human.\n",
  );
  expect(await output(home, ["block", "show", "human", "--agent", "sam"])).toContain("My name is Ana.");
  await output(home, ["undo", "sam"]);
  expect(await output(home, ["block", "show", "human", "--agent", "sam"])).not.toContain("My name is Ana.");
});

test("memgpt block create --private makes a block for models on this machine only, and edit changes that", async () => {
  const home = newHome();

  await output(home, ["block", "create", "health", "--text", "Allergic to nuts.", "--private"]);
  expect(await output(home, ["block", "show", "health"])).toContain("private");
  await output(home, ["block", "edit", "health", "--no-private"]);

  expect(await output(home, ["block", "show", "health", "--json"])).toContain('"private": false');
});

test.each([
  { args: ["show", "projekt"], says: "No shared block is named projekt. No shared blocks yet." },
  { args: ["create", "bad<label", "--text", "x"], says: "cannot be the label of a block" },
  {
    args: ["create", "tiny", "--text", "too long", "--limit", "3"],
    says: "The value has 8 characters and tiny holds 3",
  },
  { args: ["show", "humn", "--agent", "sam"], says: "sam has no block named humn. Did you mean human?" },
])("memgpt block $args is refused with its reason", async ({ args, says }) => {
  const home = newHome();
  await say(home, "sam", "Hello");

  expect((await memgpt(home, ["block", ...args])).stderr).toContain(says);
});
