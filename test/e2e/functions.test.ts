import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeModel, saying } from "./support/fake-model.ts";
import { dataFolder, memgpt, newHome, output } from "./support/program.ts";
import { Terminal } from "./support/terminal.ts";

const UP = "\x1b[A";
const DOWN = "\x1b[B";
const append = { call: "append_to_text_file", args: { filename: "log.txt", content: "hi", request_heartbeat: true } };
const flags = (model: FakeModel) => ["--model", "fake-1", "--model-endpoint", model.url, "--no-verify"];

/** A home whose agent ada has `append_to_text_file`, and the file that it may append to. */
async function withAppend(model: FakeModel): Promise<{ home: string; file: string }> {
  const home = newHome();
  const folder = join(home, "allowed");
  mkdirSync(folder);
  const file = join(folder, "log.txt");
  writeFileSync(file, "");
  mkdirSync(dataFolder(home), { recursive: true });
  writeFileSync(dataFolder(home, "config.json"), JSON.stringify({ allowed_folders: [folder] }));
  await output(home, ["run", "--agent", "ada", ...flags(model), "-p", "Hello"]);
  await output(home, ["functions", "add", "ada", "append_to_text_file"]);
  return { home, file };
}

test("the chat shows the call and asks: no by default, once, then always", async () => {
  const model = await FakeModel.start([saying("Hello."), ...[1, 2, 3, 4].flatMap(() => [append, saying("So be it.")])]);
  const { home, file } = await withAppend(model);
  const terminal = new Terminal(home, ["run", "--agent", "ada", "--first"]);
  await terminal.ready();

  const ask = async (keys: string): Promise<void> => {
    terminal.write("Write it down\r");
    await terminal.until(/ada wants to call append_to_text_file[^]*"content":"hi"[^]*❯ No, not this time/);
    terminal.write(keys);
    await terminal.until(/So be it\.[^]*fake-1 · \d+%/);
    await terminal.ready();
  };
  await ask("\r");
  expect(readFileSync(file, "utf8")).toBe("");
  await ask(`${DOWN}\r`);
  expect(readFileSync(file, "utf8")).toBe("hi\n");
  await ask(`${UP}${UP}\r`);
  expect(readFileSync(file, "utf8")).toBe("hi\nhi\n");
  await terminal.say("Once more");

  expect(readFileSync(file, "utf8")).toBe("hi\nhi\nhi\n");
  expect(await terminal.say("/functions")).toMatch(/append_to_text_file +yes +you said always/);
});

test("without a terminal the answer is no, said on standard error, and --allow says yes", async () => {
  const model = await FakeModel.start([saying("Hello."), append, saying("No."), append, saying("Done.")]);
  const { home, file } = await withAppend(model);

  const refused = await memgpt(home, ["run", "--agent", "ada", "-p", "Write it down"]);
  expect(refused.stderr).toContain("append_to_text_file was not called: nobody could be asked. --allow");
  expect(readFileSync(file, "utf8")).toBe("");
  await output(home, ["run", "--agent", "ada", "--allow", "append_to_text_file", "-p", "Write it down"]);
  expect(readFileSync(file, "utf8")).toBe("hi\n");
});

test("a TypeScript file is a function of the installed program, and a broken one is named", async () => {
  const home = newHome();
  mkdirSync(dataFolder(home, "functions"), { recursive: true });
  const file = `import { defineFunction } from "memgpt";
import * as z from "zod";
export const roll = defineFunction({ name: "roll", description: "Rolls.", kind: "plain",
  parameters: z.object({ sides: z.number() }), run: ({ sides }: { sides: number }) => ({ output: \`\${sides}\` }) });
`;
  writeFileSync(dataFolder(home, "functions", "dice.ts"), file);
  writeFileSync(dataFolder(home, "functions", "broken.ts"), "\nexport const = 1;\n");
  const model = await FakeModel.start([
    saying("Hello."),
    { call: "roll", args: { sides: 6, request_heartbeat: true } },
    saying("Rolled."),
  ]);
  await output(home, ["run", "--agent", "ada", ...flags(model), "-p", "Hello"]);

  expect(await output(home, ["functions", "add", "ada", "roll"])).toBe("Added roll: ada can call it now.\n");
  expect(await output(home, ["functions", "list", "ada"])).toMatch(/roll +yes[^]*broken\.ts:2 is skipped: Unexpected/);
  await output(home, ["run", "--agent", "ada", "-p", "Roll"]);
  expect(JSON.stringify(model.requests.at(-1)?.body.messages)).toContain("6");
  expect(await output(home, ["functions", "remove", "ada", "roll"])).toContain("can no longer call it");
});

test("functions list without an agent names all that agents can be given, with what each does", async () => {
  const home = newHome();
  mkdirSync(dataFolder(home, "functions"), { recursive: true });
  const own = `import { defineFunction } from "memgpt";
    import * as z from "zod";
    export const tide = defineFunction({ name: "tide", description: "Tells the tide. Always.", kind: "plain",
      parameters: z.object({}), run: () => ({ output: "High." }) });`;
  writeFileSync(dataFolder(home, "functions", "tide.mjs"), own);

  const text = await output(home, ["functions", "list"]);

  expect(text).toMatch(/^archival_memory_search +Searches archival memory\.$/m);
  expect(text).toMatch(/^http_request +\S/m);
  expect(text).toMatch(/^tide +Tells the tide\.$/m);
  expect(JSON.parse(await output(home, ["functions", "list", "--json"]))).toContainEqual({
    name: "tide",
    description: "Tells the tide. Always.",
  });
});

test("a broken file is named where functions are used or listed, and nowhere else", async () => {
  const home = newHome();
  mkdirSync(dataFolder(home, "functions"), { recursive: true });
  const own = `import { defineFunction } from "memgpt";
    import * as z from "zod";
    export const tide = defineFunction({ name: "tide", description: "Tells the tide.", kind: "plain",
      parameters: z.object({}), run: () => ({ output: "High." }) });`;
  writeFileSync(dataFolder(home, "functions", "tide.mjs"), own);
  writeFileSync(dataFolder(home, "functions", "broken.ts"), "\nexport const = 1;\n");
  await output(home, ["run", "--agent", "ada", "-p", "Hello"]);
  await output(home, ["functions", "add", "ada", "tide"]);
  const told = async (...args: string[]): Promise<number> => {
    const { stdout, stderr } = await memgpt(home, args);
    return (stdout + stderr).split("broken.ts:2 is skipped").length - 1;
  };

  expect(await told("functions", "list", "ada")).toBe(1);
  expect(await told("functions", "list")).toBe(1);
  expect(await told("run", "--agent", "ada", "-p", "Hello again")).toBe(1);
  expect(await told("undo", "ada")).toBe(0);
});
