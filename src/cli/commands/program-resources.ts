import type { Command } from "commander";
import type { AddOptions, ResourceNoun } from "./resources.ts";
import { commandOf } from "./argument-types.ts";

const NOUNS: readonly ResourceNoun[] = ["persona", "human", "preset"];
const ABOUT: Record<ResourceNoun, string> = {
  persona: "how new agents see themselves",
  human: "what new agents know about you",
  preset: "system prompt and functions of new agents",
};

const resources = () => import("./resources.ts");

/** Adds, shows, edits and deletes personas, humans and presets. */
export function addResources(program: Command): void {
  const add = program.command("add").description("add a persona, human or preset of your own");
  const edit = program.command("edit").description("edit a persona, human or preset");
  const show = program.command("show").description("show a persona, human, preset or source");
  for (const noun of NOUNS) {
    addTo(add, noun);
    show
      .command(noun)
      .description(`show a ${noun}`)
      .argument("<name>", noun)
      .option("--json", "print JSON")
      .action(async (name: string, options: { json?: boolean }) => {
        await (await resources()).showResource(noun, name, options);
      });
    edit
      .command(noun)
      .description(`edit a ${noun} in your editor ($VISUAL, $EDITOR)`)
      .argument("<name>", noun)
      .action(async (name: string) => {
        await (await resources()).editResource(noun, name);
      });
    commandOf(program, "delete")
      .command(noun)
      .description(`delete a ${noun} of your own`)
      .argument("<name>", noun)
      .option("-y, --yes", "do not ask for confirmation")
      .action(async (name: string, options: { yes?: boolean }) => {
        await (await resources()).deleteResource(noun, name, options);
      });
  }
}

function addTo(add: Command, noun: ResourceNoun): void {
  const command = add
    .command(noun)
    .description(`add a ${noun}: ${ABOUT[noun]}`)
    .usage("[options] <name>")
    .argument("[name]", "its name")
    .option("--name <name>", "its name, as the original MemGPT's flag")
    .option("--text <text>", "its text")
    .option("-f, --file <file>", "file to read its text from; - is standard input")
    .option("-y, --yes", "replace one of that name without asking")
    .action(async (first: string | undefined, { name = first, ...options }: AddOptions & { name?: string }) => {
      if (name === undefined || (options.text === undefined) === (options.file === undefined)) {
        return command.error(`error: give a name and either --text or --file: memgpt add ${noun} NAME --file FILE`);
      }
      await (await resources()).addResource(noun, name, options);
    });
}
