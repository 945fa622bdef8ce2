import type { Command } from "commander";
import { expect, test } from "vitest";
import { EXAMPLES } from "../../../src/cli/commands/examples.ts";
import { createProgram } from "../../../src/cli/program.ts";

function visible(command: Command, path: readonly string[] = []): { path: string; command: Command }[] {
  const children = command.createHelp().visibleCommands(command);
  return [
    { path: path.join(" "), command },
    ...children.filter((child) => child.name() !== "help").flatMap((child) => visible(child, [...path, child.name()])),
  ];
}

test("every command's help ends with one or two valid examples", async () => {
  for (const { path, command } of visible(await createProgram())) {
    const examples = EXAMPLES[path] ?? [];
    expect({ path, examples: examples.length }).toEqual({
      path,
      examples: expect.toSatisfy((n) => n === 1 || n === 2),
    });
    for (const example of examples) {
      expect(example).toContain(`memgpt ${path}`.trimEnd());
      const flags = example.match(/(?<= )--[a-z-]+/g) ?? [];
      const known = command.commands.flatMap(({ options }) => options).concat(command.options);
      for (const flag of flags) expect(known.map(({ long }) => long)).toContain(flag);
    }
  }
});

test("every command has --debug, which the message for unexpected errors recommends", async () => {
  for (const { path, command } of visible(await createProgram())) {
    if (path === "" || (command.commands.length > 0 && command.options.length === 0)) continue;
    expect({ path, flags: command.options.map(({ long }) => long) }).toEqual({
      path,
      flags: expect.arrayContaining(["--debug"]) as unknown,
    });
  }
});

test("every example belongs to an existing command", async () => {
  const paths = visible(await createProgram()).map(({ path }) => path);

  expect(Object.keys(EXAMPLES).filter((path) => !paths.includes(path))).toEqual([]);
});
