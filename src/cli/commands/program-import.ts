import { type Command, Option } from "commander";
import type { ImportCommandOptions } from "./import.ts";
import type { MigrateOptions } from "./migrate.ts";

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
    .action(async (files: readonly string[], { agent, ...options }: ImportCommandOptions & { agent?: string }) => {
      const { importFiles } = await import("./import.ts");
      process.exitCode = await importFiles(
        files.map((file) => ({ file, agent })),
        options,
      );
    });
  program
    .command("migrate")
    .description(
      "import the agents of the original MemGPT 0.2 and 0.3, or of a Letta server; the originals stay unchanged",
    )
    .option("--from <folder>", "folder of the original (default: ~/.memgpt)")
    .option("--from-server <url>", "Letta server, such as http://localhost:8283")
    .addOption(new Option("--token <token>", "token or password for that server").env("MEMGPT_MIGRATE_TOKEN"))
    .option("--dry-run", "show what would be imported without importing it")
    .option("-y, --yes", "do not ask for confirmation")
    .option("--json", "print JSON")
    .action(async ({ token, ...options }: MigrateOptions, command: Command) => {
      const { migrate } = await import("./migrate.ts");
      // A token that is merely in the environment is no reason to refuse an import without a server.
      const isUnused = options.fromServer === undefined && command.getOptionValueSource("token") === "env";
      process.exitCode = await migrate(token === undefined || isUnused ? options : { ...options, token });
    });
}
