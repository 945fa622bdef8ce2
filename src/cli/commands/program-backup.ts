import type { Command } from "commander";

/** The commands that write agents into one file and bring them back. */
export function addBackup(program: Command): void {
  const backup = program
    .command("backup")
    .description("write an agent, or all of them, into one checksummed file; also while they are in use")
    .usage("[options] [name] <file>")
    .argument("[name]", "agent")
    .argument("[file]", "file to write")
    .option("--all", "all agents")
    .option("--force", "replace the file if there is one")
    .option("--json", "as JSON")
    .action(
      async (
        name: string | undefined,
        second: string | undefined,
        { all = false, ...options }: { all?: boolean; force?: boolean; json?: boolean },
      ) => {
        const file = all ? (second ?? name) : second;
        if (file === undefined || name === undefined) {
          return backup.error("error: say which agent (or --all) and which file to write");
        }
        if (all && second !== undefined) return backup.error("error: --all takes no agent's name");
        const commands = await import("./backup.ts");
        await commands.backup(all ? "all" : [name], file, options);
      },
    );
  program
    .command("restore-backup")
    .description("bring back the agents in a backup, once all of it was checked")
    .argument("<file>", "backup")
    .option("--verify", "only check it; restore nothing")
    .option("--as <new>", "restore under this name, beside the agent it was")
    .option("--force", "replace agents that are there")
    .option("--json", "as JSON")
    .action(async (file: string, options: { verify?: boolean; as?: string; force?: boolean; json?: boolean }) => {
      const commands = await import("./backup.ts");
      await commands.restoreBackup(file, options);
    });
}
