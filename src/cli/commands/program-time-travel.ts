import { type Command, Option } from "commander";
import type { ExportFormat } from "../../index.ts";
import type { ForgetFlags } from "./forget.ts";
import type { QuarantineOptions } from "./quarantine.ts";
import { wholeNumber } from "./argument-types.ts";

/** The commands that show an agent's past and return to it. */
export function addTimeTravel(program: Command): void {
  program
    .command("checkpoints")
    .description("list an agent's checkpoints, newest first, or set how many it keeps")
    .argument("<name>", "agent")
    .option("--keep <n>", "keep the newest n automatic checkpoints from now on; saved ones always stay", wholeNumber)
    .option("--json", "print JSON")
    .action(async (name: string, options: { keep?: number; json?: boolean }) => {
      const { checkpoints } = await import("./checkpoints.ts");
      await checkpoints(name, options);
    });
  program
    .command("restore")
    .description("restore an agent to an earlier or later checkpoint, memory included")
    .argument("<name>", "agent")
    .argument("<checkpoint>", 'its name, number or file, or a time such as "yesterday 17:00"')
    .option("--edited", "accept a file that you edited, whose checksum no longer matches")
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
    .description("reverse the last undo")
    .argument("<name>", "agent")
    .action(async (name: string) => {
      const { redo } = await import("./undo.ts");
      await redo(name);
    });
  program
    .command("history")
    .description("show the edits that led to an agent's core memory")
    .argument("<name>", "agent")
    .option("--label <label>", "only this block")
    .option("--json", "print JSON")
    .action(async (name: string, options: { label?: string; json?: boolean }) => {
      const { history } = await import("./history.ts");
      await history(name, options);
    });
}

/** The command for memory writes that were held back. */
export function addQuarantine(program: Command): void {
  program
    .command("quarantine")
    .description("list writes to an agent's memory that were held back; release or discard them")
    .argument("<name>", "agent")
    .option("--release <ids...>", "carry these writes out; `all` for all of them")
    .option("--discard <ids...>", "drop these writes for good; `all` for all of them")
    .option("--json", "print JSON")
    .action(async (name: string, options: QuarantineOptions) => {
      const { quarantine } = await import("./quarantine.ts");
      await quarantine(name, options);
    });
}

/** The command that erases something for good. */
export function addForget(program: Command): void {
  program
    .command("forget")
    .description("erase something from an agent's memory and all its files, for good")
    .argument("<name>", "agent")
    .option("--match <text>", "everything that says this, in any case of letters")
    .option("--message <id>", "this message")
    .option("--passage <id>", "this passage")
    .option("--source <name>", "everything that searches showed of this source")
    .option("--from <date>", "what was said and kept on this day or later")
    .option("--to <date>", "what was said and kept on this day or earlier")
    .option("--all-undone", "everything that undo, pop or wipe reverted")
    .option("--dry-run", "only show what would go")
    .option("-y, --yes", "do not ask")
    .action(async (name: string, options: ForgetFlags) => {
      const { forget } = await import("./forget.ts");
      await forget(name, options);
    });
}

/** The commands that export, rename and copy an agent. */
export function addFiles(program: Command): void {
  program
    .command("export")
    .description("print an agent's whole conversation and memory")
    .argument("<name>", "agent")
    .addOption(
      new Option(
        "--format <format>",
        "markdown for reading, json for programs, af for an agent file (default: as --output ends, else markdown)",
      ).choices(["markdown", "json", "af"]),
    )
    .option("--all", "include thoughts, function calls and events; the other formats always do")
    .option("--output <file>", "write to this file instead of standard output")
    .option("--force", "with --output: overwrite an existing file")
    .action(
      async (name: string, options: { format?: ExportFormat; all?: boolean; output?: string; force?: boolean }) => {
        const { exportAgent } = await import("./export.ts");
        await exportAgent(name, options);
      },
    );
  program
    .command("rename")
    .description("rename an agent")
    .argument("<old>", "agent")
    .argument("<new>", "its new name")
    .action(async (from: string, to: string) => {
      const { rename } = await import("./rename.ts");
      await rename(from, to);
    });
  program
    .command("copy")
    .description("copy an agent with all its memory, even while it is in use")
    .argument("<name>", "agent")
    .argument("<new>", "name of the copy")
    .option("--at <checkpoint>", "restore the copy to this checkpoint: its name, number, file or time")
    .action(async (from: string, to: string, options: { at?: string }) => {
      const { copy } = await import("./rename.ts");
      await copy(from, to, options);
    });
}
