import type { Command } from "commander";
import type { ImportCommandOptions } from "./import.ts";

/** `memgpt import FILE…`. */
export function addImport(program: Command): void {
  program
    .command("import")
    .description("import an export of memgpt, ChatGPT, Claude or Mem0, an agent file, or JSON lines")
    .argument("<files...>", "exports; memgpt detects their format")
    .option("--agent <name>", "agent to import into; created if needed")
    .option("--dry-run", "show what would be imported without importing it")
    .option("-y, --yes", "do not ask for confirmation")
    .option("--json", "print JSON")
    .action(async (files: readonly string[], options: ImportCommandOptions) => {
      const { importFiles } = await import("./import.ts");
      process.exitCode = await importFiles(files, options);
    });
}
