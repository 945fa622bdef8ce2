import type { Command } from "commander";

/** The commands that open agents, with all their subcommands. */
const OPEN_AGENTS: ReadonlySet<string> = new Set([
  ...["ask", "run", "open", "server", "mcp serve", "doctor"],
  ...["search", "inspect", "history", "forget", "quarantine", "reindex"],
  ...["undo", "redo", "checkpoints", "restore"],
  ...["list agents", "rename", "copy", "delete agent", "export", "backup", "restore-backup", "move"],
  ...["load", "list sources", "show source", "delete source"],
  ...["attach", "detach", "import", "functions", "block", "users", "keys"],
  ...["locomo", "paraphrase", "longmemeval", "doc-qa", "nested-kv", "dmr", "functions"].map((name) => `eval ${name}`),
]);

/** Adds `--database` to every command that opens agents. */
export function addDatabase(program: Command): void {
  addTo(program, []);
  program.hook("preAction", (_, command) => {
    const { database } = command.optsWithGlobals<{ database?: string }>();
    // The configuration reads this variable; setting it gives the flag precedence.
    if (database !== undefined) process.env["MEMGPT_DATABASE"] = database;
  });
}

function addTo({ commands }: Command, path: readonly string[]): void {
  for (const command of commands) {
    const own = [...path, command.name()];
    const opensAgents = own.some((_, depth) => OPEN_AGENTS.has(own.slice(0, depth + 1).join(" ")));
    // `load` has subcommands but is also a command itself.
    if (opensAgents && (command.commands.length === 0 || own.join(" ") === "load")) {
      command.option("--database <url>", "PostgreSQL database of the agents, as postgres://user@host:5432/name");
    }
    addTo(command, own);
  }
}
