import type { Command } from "commander";
import { wholeNumber } from "./argument-types.ts";
import type { BlockOptions } from "./blocks.ts";

const blocks = () => import("./blocks.ts");

/** `memgpt block …`. */
export function addBlocks(program: Command): void {
  const block = program.command("block").description("blocks of core memory that agents can share");
  block
    .command("list")
    .description("list the shared blocks, or all blocks of an agent")
    .argument("[agent]", "agent")
    .option("--json", "print JSON")
    .action(async (agent: string | undefined, options: { json?: boolean }) => {
      await (await blocks()).listBlocks(agent, options);
    });
  fields(block.command("create").description("make a block that agents can share"))
    .option("--read-only", "let agents see it but not edit it")
    .option("--private", "send it to models on this machine only")
    .argument("<label>", "its name, as the model sees it")
    .action(async (label: string, options: BlockOptions) => {
      await (await blocks()).createBlock(label, options);
    });
  block
    .command("show")
    .description("show a block and the agents that have it")
    .argument("<block>", "block")
    .option("--agent <name>", "a block of this agent")
    .option("--json", "print JSON")
    .action(async (name: string, options: { agent?: string; json?: boolean }) => {
      await (await blocks()).showBlock(name, options);
    });
  fields(block.command("edit").description("edit a block, in your editor unless flags say what changes"))
    .option("--agent <name>", "a block of this agent")
    .option("--read-only", "let agents see it but not edit it")
    .option("--no-read-only", "let agents edit it")
    .option("--private", "send it to models on this machine only")
    .option("--no-private", "let it be sent to any model")
    .argument("<block>", "block")
    .action(async (name: string, options: BlockOptions) => {
      await (await blocks()).editBlock(name, options);
    });
  for (const verb of ["attach", "detach"] as const) {
    block
      .command(verb)
      .description(verb === "attach" ? "put a block into an agent's core memory" : "take a block from an agent")
      .argument("<agent>", "agent")
      .argument("<block>", "block")
      .action(async (agent: string, name: string) => {
        await (await blocks()).moveBlock(verb, agent, name);
      });
  }
  block
    .command("delete")
    .description("delete a block, from every agent that has it")
    .argument("<block>", "block")
    .option("-y, --yes", "do not ask for confirmation")
    .action(async (name: string, options: { yes?: boolean }) => {
      await (await blocks()).deleteBlock(name, options);
    });
}

function fields(command: Command): Command {
  return command
    .option("--text <text>", "its text")
    .option("-f, --file <file>", "file to read its text from; - is standard input")
    .option("--description <text>", "what it is for, as the model sees it")
    .option("--limit <characters>", "most characters that it holds", wholeNumber);
}
