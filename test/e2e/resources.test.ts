import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dataFolder, memgpt, newHome, output } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const PRESET = "system_prompt: memgpt_chat\nfunctions:\n  - send_message\n  - core_memory_append\n";

test("add, list, show and delete a persona; a new agent starts with it", async () => {
  const home = newHome();

  expect(await output(home, ["add", "persona", "pirate", "--text", "I am a pirate."])).toMatch(
    /^Saved persona pirate \(.*pirate\.txt\)\. .*memgpt run AGENT --persona pirate\n$/,
  );
  expect(await output(home, ["list", "personas"])).toContain("pirate (yours): I am a pirate.\n");
  expect(await output(home, ["show", "persona", "pirate"])).toBe("I am a pirate.\n");
  await output(home, ["run", "sam", "--persona", "pirate", "-p", "Hello"]);
  expect(await output(home, ["inspect", "sam"])).toContain("I am a pirate.");
  expect(await output(home, ["delete", "persona", "pirate", "--yes"])).toContain("Deleted persona pirate.");
  expect((await memgpt(home, ["show", "persona", "pirate"])).stderr).toContain("No persona named pirate");
});

test("the original's spelling works, with the text from a file or standard input", async () => {
  const home = newHome();
  writeFileSync(join(home, "me.txt"), "My name is Ana.\n");

  await output(home, ["add", "human", "--name", "me", "-f", join(home, "me.txt")]);
  await output(home, ["add", "human", "piped", "-f", "-"], { input: "My name is Tom." });

  expect(await output(home, ["show", "human", "me"])).toBe("My name is Ana.\n");
  expect(await output(home, ["show", "human", "piped"])).toBe("My name is Tom.\n");
});

test("replacing needs consent: asked in a terminal, --yes without one", async () => {
  const home = newHome();
  await output(home, ["add", "human", "me", "--text", "My name is Ana."]);

  const refused = await memgpt(home, ["add", "human", "me", "--text", "My name is Tom."]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("You have a human named me. Nothing was saved; pass --yes to replace it.");
  const terminal = new Terminal(home, ["add", "human", "me", "--text", "My name is Tom."]);
  await terminal.until(/Replace your human me\? \(y\/N\)/);
  terminal.write("\r");
  await terminal.until(/Nothing was saved\./);
  expect(await output(home, ["show", "human", "me"])).toBe("My name is Ana.\n");
  await output(home, ["add", "human", "me", "--text", "My name is Tom.", "--yes"]);
  expect(await output(home, ["show", "human", "me"])).toBe("My name is Tom.\n");
});

test.each([
  {
    name: "a persona that is too long",
    args: ["persona", "--text", "x".repeat(2001)],
    says: "2001 characters, but a block of core memory holds 2000. Shorten it by 1",
  },
  { name: "an empty human", args: ["human", "--text", "  "], says: "The human has no text" },
  { name: "neither text nor file", args: ["human"], says: "either --text or --file" },
  { name: "both text and file", args: ["human", "--text", "a", "-f", "b"], says: "either --text or --file" },
  { name: "a file that is not there", args: ["human", "-f", "gone.txt"], says: "gone.txt cannot be read" },
  { name: "a device that never ends", args: ["human", "-f", "/dev/zero"], says: "it is larger than 4 MB" },
  { name: "broken YAML", args: ["preset", "--text", `${PRESET}human: [`], says: "--text, line 5: Flow sequence" },
  {
    name: "a preset without functions",
    args: ["preset", "--text", "system_prompt: memgpt_chat"],
    says: "line 1: functions: ",
  },
  {
    name: "a field of the wrong kind",
    args: ["preset", "--text", `${PRESET}persona: [sam]`],
    says: "--text, line 5: persona: ",
  },
  {
    name: "an unknown function",
    args: ["preset", "--text", `${PRESET}  - send_mesage\n`],
    says: "--text, line 5: it names functions that do not exist: send_mesage. Did you mean send_message?",
  },
  {
    name: "an unknown persona",
    args: ["preset", "--text", `${PRESET}persona: sam_pof`],
    says: "--text, line 5: No persona named sam_pof. Did you mean sam_pov?",
  },
  {
    name: "an unknown prompt",
    args: ["preset", "--text", PRESET.replace("chat", "chatt")],
    says: "--text, line 1: preset mine names the system prompt memgpt_chatt",
  },
])("$name is refused with its reason, and nothing is saved", async ({ args, says }) => {
  const home = newHome();
  const [kind = "", ...rest] = args;

  const { code, stderr } = await memgpt(home, ["add", kind, "mine", ...rest]);

  expect(code).not.toBe(0);
  expect(stderr).toContain(says);
  expect(existsSync(dataFolder(home, `${kind}s`))).toBe(false);
});

test("a preset broken later is reported with its line by the agent that needs it", async () => {
  const home = newHome();
  await output(home, ["add", "preset", "mine", "--text", PRESET]);
  const file = dataFolder(home, "presets", "mine.yaml");
  writeFileSync(file, `${readFileSync(file, "utf8")}reminders: sometimes\n`);

  const { stderr } = await memgpt(home, ["run", "sam", "--preset", "mine", "-p", "Hello"]);

  expect(stderr).toContain(`Preset mine cannot be used: ${file}, line 5: reminders: `);
});

test("edit opens the editor; an edited shipped human becomes one's own, and deleting that brings the shipped one back", async () => {
  const home = newHome();
  const editor = join(home, "editor.sh");
  writeFileSync(editor, '#!/bin/sh\necho "My name is Ana." > "$1"\n');
  chmodSync(editor, 0o755);
  const shipped = await output(home, ["show", "human", "basic"]);

  const saved = await output(home, ["edit", "human", "basic"], { env: { EDITOR: editor } });

  expect(saved).toContain("The shipped one stays as it is.");
  expect(await output(home, ["show", "human", "basic"])).toBe("My name is Ana.\n");
  expect(await output(home, ["delete", "human", "basic", "--yes"])).toContain(
    "The shipped one of that name is used again.",
  );
  expect(await output(home, ["show", "human", "basic"])).toBe(shipped);
  expect((await memgpt(home, ["delete", "human", "basic", "--yes"])).stderr).toContain(
    "is part of memgpt and cannot be deleted",
  );
});
