import type { Command } from "commander";

/** The commands that back up agents to a file and restore them, and move them to another storage. */
export function addBackup(program: Command): void {
  const backup = program
    .command("backup")
    .description("back up one agent, or all, to a checksummed file, even while in use")
    .usage("[options] [name] <file>")
    .argument("[name]", "agent")
    .argument("[file]", "file to write")
    .option("--all", "back up all agents")
    .option("--force", "overwrite an existing file")
    .option("--json", "print JSON")
    .action(
      async (
        name: string | undefined,
        second: string | undefined,
        { all = false, ...options }: { all?: boolean; force?: boolean; json?: boolean },
      ) => {
        const file = all ? (second ?? name) : second;
        if (file === undefined || name === undefined) {
          return backup.error("error: name an agent (or pass --all) and a file to write");
        }
        if (all && second !== undefined) return backup.error("error: --all does not take an agent's name");
        const commands = await import("./backup.ts");
        await commands.backup(all ? "all" : [name], file, options);
      },
    );
  program
    .command("restore-backup")
    .description("restore the agents in a backup after checking all of it")
    .argument("<file>", "backup")
    .option("--verify", "check the backup without restoring it")
    .option("--as <new>", "restore under this name, next to the original agent")
    .option("--force", "replace existing agents")
    .option("-y, --yes", "accepted for scripts: this command never asks")
    .option("--json", "print JSON")
    .action(async (file: string, options: { verify?: boolean; as?: string; force?: boolean; json?: boolean }) => {
      const commands = await import("./backup.ts");
      await commands.restoreBackup(file, options);
    });
  const move = program
    .command("move")
    .description("copy agents from files to PostgreSQL or back, with their history, and verify them")
    .argument("[name]", "agent")
    .requiredOption("--to <where>", "postgres://user@host:5432/name, or the folder of a home")
    .option("--all", "move all agents")
    .option("--json", "print JSON")
    .action(async (name: string | undefined, options: { to: string; all?: boolean; json?: boolean }) => {
      if ((name === undefined) === (options.all !== true)) {
        return move.error("error: name an agent, or pass --all");
      }
      const commands = await import("./move.ts");
      await commands.move(name === undefined ? "all" : [name], options);
    });
}
