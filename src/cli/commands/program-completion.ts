import { Argument, type Command } from "commander";
import { SHELLS, type Shell, printScript } from "./completion.ts";

/** The command that prints a shell's script, and the hidden command that the script calls. */
export function addCompletion(program: Command): void {
  program
    .command("completion")
    .description("print a shell script that completes commands, flags and names")
    .addArgument(new Argument("<shell>", "shell").choices(SHELLS))
    .action((shell: Shell) => {
      printScript(shell);
    });
  program
    .command("__complete", { hidden: true })
    .argument("<shell>")
    .argument("[words...]")
    .action(async (shell: string, words: readonly string[]) => {
      const { printCompletion } = await import("./complete.ts");
      await printCompletion(program, shell, words);
    });
}
