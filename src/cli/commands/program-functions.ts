import type { Command } from "commander";

const SUMMARIES = {
  add: "let an agent call functions",
  remove: "stop an agent from calling functions",
  allow: "let an agent call functions that act outside memory without asking",
  deny: "refuse such calls without asking",
  ask: "ask about such calls each time",
} as const;

/** `memgpt functions …`. */
export function addFunctions(program: Command): void {
  const functions = program.command("functions").description("show or change what an agent may call");
  functions
    .command("list")
    .description("list an agent's functions, whether it may call each, and why; without an agent, all functions")
    .argument("[agent]", "agent")
    .option("--json", "print JSON")
    .action(async (agent: string | undefined, options: { json?: boolean }) => {
      await (await import("./functions.ts")).listFunctions(agent, options);
    });
  for (const verb of ["add", "remove", "allow", "deny", "ask"] as const) {
    functions
      .command(verb)
      .description(SUMMARIES[verb])
      .argument("<agent>", "agent")
      .argument("<names...>", "functions")
      .action(async (agent: string, names: readonly string[]) => {
        await (await import("./functions.ts")).changeFunctions(verb, agent, names);
      });
  }
}
