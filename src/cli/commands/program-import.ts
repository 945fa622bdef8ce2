import type { Command } from "commander";
import type { ImportCommandOptions } from "./import.ts";

/** `memgpt import FILE…`. */
export function addImport(program: Command): void {
  program
    .command("import")
    .description("import an export of memgpt, ChatGPT, Claude or Mem0, an agent file, or JSON lines")
    .argument("<files...>", "exports; what they are is found out")
    .option("--agent <name>", "agent that remembers it; created if needed")
    .option("--dry-run", "say what would be imported, and stop")
    .option("-y, --yes", "do not ask for confirmation")
    .option("--json", "as JSON")
    .action(async (files: readonly string[], options: ImportCommandOptions) => {
      const { importFiles } = await import("./import.ts");
      process.exitCode = await importFiles(files, options);
    });
}
