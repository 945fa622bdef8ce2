import { type Command, Option } from "commander";
import type { ExportFormat } from "../../index.ts";
import { wholeNumber } from "./argument-types.ts";

/** The commands that look at an agent's past and go there. */
export function addTimeTravel(program: Command): void {
  program
    .command("checkpoints")
    .description("list an agent's checkpoints, the newest first, or say how many it keeps")
    .argument("<name>", "agent")
    .option("--keep <n>", "keep the n newest automatic ones from now on; saved ones always stay", wholeNumber)
    .option("--json", "as JSON")
    .action(async (name: string, options: { keep?: number; json?: boolean }) => {
      const { checkpoints } = await import("./checkpoints.ts");
      await checkpoints(name, options);
    });
  program
    .command("restore")
    .description("take an agent to an earlier or later checkpoint, memory and searches included")
    .argument("<name>", "agent")
    .argument("<checkpoint>", 'its name, number or file, or a time such as "yesterday 17:00"')
    .option("--edited", "take a file that you changed by hand, whose checksum no longer fits")
    .action(async (name: string, checkpoint: string, options: { edited?: boolean }) => {
      const { restore } = await import("./restore.ts");
      await restore(name, checkpoint, options);
    });
  program
    .command("undo")
    .description("undo an agent's last turn or command, or the last n, memory included")
    .argument("<name>", "agent")
    .argument("[n]", "how many", wholeNumber, 1)
    .action(async (name: string, count: number) => {
      const { undo } = await import("./undo.ts");
      await undo(name, count);
    });
  program
    .command("redo")
    .description("take back the last undo")
    .argument("<name>", "agent")
    .action(async (name: string) => {
      const { redo } = await import("./undo.ts");
      await redo(name);
    });
  program
    .command("history")
    .description("how an agent's core memory came to say what it says")
    .argument("<name>", "agent")
    .option("--label <label>", "of this block only")
    .option("--json", "as JSON")
    .action(async (name: string, options: { label?: string; json?: boolean }) => {
      const { history } = await import("./history.ts");
      await history(name, options);
    });
}

/** The commands that take an agent as a whole. */
export function addFiles(program: Command): void {
  program
    .command("export")
    .description("print an agent's whole conversation and memory")
    .argument("<name>", "agent")
    .addOption(
      new Option("--format <format>", "to read, or to process").choices(["markdown", "json"]).default("markdown"),
    )
    .option("--all", "thoughts, function calls and events too; JSON always has them")
    .option("--output <file>", "write a file instead")
    .option("--force", "with --output: replace the file if there is one")
    .action(
      async (name: string, options: { format: ExportFormat; all?: boolean; output?: string; force?: boolean }) => {
        const { exportAgent } = await import("./export.ts");
        await exportAgent(name, options);
      },
    );
  program
    .command("rename")
    .description("give an agent another name")
    .argument("<old>", "agent")
    .argument("<new>", "its new name")
    .action(async (from: string, to: string) => {
      const { rename } = await import("./rename.ts");
      await rename(from, to);
    });
  program
    .command("copy")
    .description("make an agent that remembers all that another does; also while that one is in use")
    .argument("<name>", "agent")
    .argument("<new>", "name of the copy")
    .option("--at <checkpoint>", "take the copy to this checkpoint: its name, number or file, or a time")
    .action(async (from: string, to: string, options: { at?: string }) => {
      const { copy } = await import("./rename.ts");
      await copy(from, to, options);
    });
}
